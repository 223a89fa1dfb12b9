// The columns left of the bars: who a span is, what it took, what it cost.

Object.assign(Pen.prototype, {
  nameCell(row, y) {
    const { tree } = this, depth = Math.min(tree.depth[row], this.columns.indent), middle = y + ROW / 2
    const left = 10 + depth * INDENT, end = this.columns.name - 6, failed = tree.is(row, ERROR)
    for (let level = 1; level <= depth; level++) this.box(4 + level * INDENT, y, 1, ROW, this.theme.border)
    if (tree.hasChildren(row)) this.caret(left, middle, tree.folded.has(row))
    this.box(left + 13, middle - 7, 3, 14, tree.legend.role[tree.columns.by_role[row]][1])
    let at = left + 23
    this.font(11)
    if (tree.depth[row] > this.columns.indent) at += this.deeper(`${tree.depth[row]}`, at, middle)
    for (const sign of [ERROR, UNWANTED, RETRY, HEDGE]) if (tree.is(row, sign)) { this.sign(sign, at + 5, middle); at += 17 }
    this.font(13, tree.is(row, CALL) ? 400 : 600)
    const name = clippedText(this.context, tree.text("name", row), end - at)
    this.text(name, at, middle, failed ? this.theme.red : this.theme.text)
    const after = at + this.context.measureText(name).width + 8, hidden = tree.hiddenUnder(row)
    this.font(12)
    const detail = hidden ? `+${hidden.toLocaleString("en")} hidden` : tree.text("label", row)
    this.text(clippedText(this.context, detail, end - after), after, middle, this.theme.text, 0.6)
  },

  // The level in a number, where indents end.
  deeper(level, x, middle) {
    const width = this.context.measureText(level).width
    this.text(level, x, middle, this.theme.text, 0.55)
    return width + 6
  },

  heat(share) { return share === NOT_KNOWN ? 0 : share >= HOT ? 2 : share >= WARM ? 1 : 0 },
  heatColour(share) { return [this.theme.text, this.theme.amber, this.theme.red][this.heat(share)] },

  // A share of what is above is a length, a weight and a colour, so that none of them has to be seen.
  figureCell(text, share, right, width, y, strong) {
    const heat = this.heat(share), known = share !== NOT_KNOWN
    if (known && share) this.box(right - width, y + ROW - 4, width, 2, this.theme.border, 0.8)
    if (known && share) this.box(right - width, y + ROW - 4, width * share / 100, 2, heat ? this.heatColour(share) : this.theme.primary, 0.9)
    this.font(12, heat === 2 ? 700 : heat ? 600 : 400)
    this.text(text, right, y + ROW / 2 - (known && share ? 1 : 0), this.heatColour(share), heat || strong ? 0.95 : 0.62, "right")
  },

  figures(row, y) {
    const { tree, columns } = this, { timeShare, costShare } = tree.columns, isCall = tree.is(row, CALL)
    const time = tree.is(row, OPEN) ? "so far" : tree.text("duration", row)
    if (columns.time) this.figureCell(time, timeShare[row], columns.name + columns.time - 8, columns.time - 16, y, isCall)
    if (columns.cost) this.figureCell(tree.text("cost", row), costShare[row], columns.bars - 10, columns.cost - 18, y, isCall)
  },
})
