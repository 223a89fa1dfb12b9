// The bars: when a span ran, how it ended, what was waited for, and what decided how long all of it took.

Object.assign(Pen.prototype, {
  x(ms) { return this.columns.bars + (this.clock.shown(ms) - this.time.from) / this.time.width * this.room },
  shownAt(x) { return this.time.from + (x - this.columns.bars) / this.room * this.time.width },
  colourOf(row) { return this.tree.legend[this.colouring][this.tree.columns[`by_${this.colouring}`][row]][1] },

  // A stage's stretch of time, behind all that is below it.
  bands(first, last) {
    const { tree } = this, rows = new Set()
    for (let row = tree.visible[first] ?? -1; row >= 0 && rows.size < 50; row = tree.band[row]) if (tree.is(row, BAND)) rows.add(row)
    for (let position = first; position < last; position++) if (tree.is(tree.visible[position], BAND)) rows.add(tree.visible[position])
    for (const row of [...rows].sort((a, b) => a - b)) {
      const left = Math.max(this.columns.bars, this.x(tree.start[row])), right = Math.min(this.width, this.x(tree.end(row)))
      const top = this.y(tree.position[row]), height = (tree.bottomOf(row) - tree.position[row]) * ROW
      if (right - left < 1 || tree.bottomOf(row) - tree.position[row] < 2) continue
      this.box(left, top, right - left, height, this.theme.primary, this.theme.isDark ? 0.1 : 0.06)
      for (const edge of [left, right - 1]) this.box(edge, top, 1, height, this.theme.primary, 0.28)
    }
  },

  bar(row, y) {
    const { tree, context } = this, middle = y + ROW / 2, start = this.x(tree.start[row]), end = this.x(tree.end(row))
    this.pauses(row, middle)
    if (end < this.columns.bars || start > this.width) return this.offScreenHint(row, middle, end < this.columns.bars)
    const left = Math.max(start, this.columns.bars - 4), right = Math.min(Math.max(end, start + 2), this.width + 4)
    const half = tree.is(row, CALL) ? 7 : 4, colour = this.colourOf(row), before = context.globalAlpha
    const failed = tree.is(row, ERROR), unwanted = tree.is(row, UNWANTED)
    context.beginPath()
    context.roundRect(left, middle - half, right - left, half * 2, Math.min(3, (right - left) / 2))
    Object.assign(context, { fillStyle: tree.is(row, OPEN) ? this.fading(left, right, colour) : colour, lineWidth: failed ? 2 : 1.25 })
    context.globalAlpha = before * (unwanted ? 0.22 : failed ? 0.55 : 1)
    context.fill()
    context.globalAlpha = before
    context.strokeStyle = failed ? this.theme.red : unwanted ? this.theme.text : colour
    context.setLineDash(unwanted ? [4, 3] : [])
    if (failed || unwanted) context.stroke()
    context.setLineDash([])
    if (tree.is(row, OPEN) && end <= this.width) this.disc(right, middle, 4, this.theme.primary, true)
    this.stragglers(row, middle, half, unwanted || half < 7 ? this.theme.amber : inkOn(colour))
    if (this.showCritical) this.criticalMarks(row, y)
    this.barLabel(row, left, right, middle, half === 7 && !unwanted && !failed ? inkOn(colour) : null)
    return undefined
  },

  fading(left, right, colour) {
    const fill = this.context.createLinearGradient(left, 0, right, 0)
    fill.addColorStop(0, colour)
    fill.addColorStop(1, `${colour}55`)
    return fill
  },

  // A pause before a try lies left of its bar; what a stage or a call waited lies on it.
  pauses(row, middle) { this.eachWait(row, at => at <= this.tree.start[row], (left, width) => {
    this.hatch(left, middle - 4, width, 8, this.theme.amber, 0.9)
    this.box(left, middle - 6, 1, 12, this.theme.amber)
  }) },

  stragglers(row, middle, half, colour) { this.eachWait(row, at => at > this.tree.start[row], (left, width) => {
    this.hatch(left, middle - half, width, half * 2, colour, 0.75)
    this.box(left, middle - half - 2, 1.5, half * 2 + 4, this.theme.amber)
  }) },

  eachWait(row, chosen, draw) {
    const { waitFrom, waitTo } = this.tree.columns
    for (const at of this.tree.waits.get(row) ?? []) {
      const left = Math.max(this.columns.bars, this.x(waitFrom[at])), width = Math.min(this.width, this.x(waitTo[at])) - left
      if (width >= SEEN && chosen(waitTo[at])) draw(left, width)
    }
  },

  barLabel(row, left, right, middle, inside) {
    const { tree } = this, mark = tree.text("mark", row), share = tree.columns.timeShare[row]
    const isOpen = tree.is(row, OPEN), heat = this.columns.time || isOpen || tree.is(row, UNWANTED) ? 0 : this.heat(share)
    const label = [isOpen ? "still open" : tree.text("duration", row), heat && `${share} %`, mark].filter(Boolean).join(" · ")
    this.font(11.5, heat === 2 ? 700 : heat ? 600 : 400)
    const width = this.context.measureText(label).width, failed = tree.is(row, ERROR)
    const colour = failed ? this.theme.red : heat ? this.heatColour(share) : this.theme.text
    if (right + 8 + width < this.width) this.text(label, right + 8, middle, colour, 0.9)
    else if (inside && right - left > width + 14) this.text(label, Math.max(left, this.columns.bars) + 7, middle, inside)
    else if (left - 7 - width > this.columns.bars) this.text(label, left - 7, middle, colour, 0.9, "right")
    else if (right - left > width + 14) this.pill(label, Math.max(left, this.columns.bars) + 7, middle, width)
  },

  pill(label, x, middle, width) {
    this.box(x - 4, middle - 8, width + 8, 16, this.theme.background, 0.9)
    this.text(label, x, middle)
  },

  // Where a row's bar is, when it is not in the window; a click brings it in.
  offScreenHint(row, middle, before) {
    const label = this.tree.text("duration", row)
    this.font(11.5)
    const width = this.context.measureText(label).width + 22, left = before ? this.columns.bars + 4 : this.width - width - 4
    this.box(left, middle - 8, width, 16, this.theme.surface)
    const tip = before ? left + 5 : left + width - 5, back = before ? 5 : -5
    this.stroke([[tip + back, middle - 4], [tip, middle], [tip + back, middle + 4]], this.theme.primary, 2)
    this.text(label, before ? left + 15 : left + 6, middle, this.theme.text, 0.7)
  },

  criticalMarks(row, y) {
    const { criticalFrom, criticalTo } = this.tree.columns
    for (const at of this.tree.critical.get(row) ?? []) {
      const left = Math.max(this.columns.bars, this.x(criticalFrom[at])), right = Math.min(this.width, this.x(criticalTo[at]))
      const seen = right - left >= 1 || this.tree.is(row, CALL)
      if (right >= left && seen) this.box(left, y + ROW - 4.5, Math.max(1.5, right - left), 2.5, this.theme.text)
    }
  },

  // The path is one line through the trace: where it leaves a span, it goes on in another at the same moment.
  criticalConnectors(first, last) {
    const { criticalRow, criticalFrom, criticalTo } = this.tree.columns, { position } = this.tree
    const least = SEEN / this.room * this.time.width, from = this.clock.real(this.time.from), to = this.clock.real(this.time.to)
    for (let at = lowerBound(criticalFrom, from); at < criticalRow.length && criticalFrom[at] <= to; at++) {
      if (at === 0 || criticalTo[at - 1] - criticalFrom[at - 1] < least || criticalTo[at] - criticalFrom[at] < least) continue
      const one = position[criticalRow[at - 1]], other = position[criticalRow[at]]
      const upper = Math.min(one, other), lower = Math.max(one, other)
      if (upper < 0 || upper === lower || lower < first || upper >= last) continue
      this.box(this.x(criticalFrom[at]) - 0.75, this.y(upper) + ROW - 4, 1.5, (lower - upper) * ROW, this.theme.text, 0.35)
    }
  },
})

function lowerBound(sorted, value) {
  let low = 0, high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}
