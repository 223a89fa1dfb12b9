// Draws what is on screen and nothing else: the cost of a frame depends on the rows in sight, not on the trace.

class Painter extends Pen {
  resize() {
    const ratio = devicePixelRatio || 1, width = this.canvas.clientWidth, height = this.canvas.clientHeight
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio)
      this.canvas.height = Math.round(height * ratio)
      this.minimap = null
    }
    Object.assign(this, { width, height, ratio, columns: columnsFor(width) })
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    return width > 0 && height > 0
  }

  get room() { return Math.max(20, this.width - this.columns.bars - LABEL_ROOM - (this.tree.marked ? MARK_ROOM : 0)) }
  y(position) { return HEADER + position * ROW - this.scroll }

  paint(state) {
    Object.assign(this, state)
    this.context.textBaseline = "middle"
    this.box(0, 0, this.width, this.height, this.theme.background)
    this.clip(0, HEADER, this.width, this.height - HEADER, () => this.rows())
    this.ruler()
    this.drawMinimap()
    if (this.drag?.moved && this.drag.kind !== "move" && this.drag.kind !== "pan") this.selection()
  }

  rows() {
    const { tree, columns } = this, first = Math.floor(this.scroll / ROW)
    const last = Math.min(tree.visible.length, Math.ceil((this.scroll + this.height - HEADER) / ROW))
    for (let position = first; position < last; position++) this.highlight(tree.visible[position], this.y(position))
    this.clip(columns.bars, HEADER, this.width, this.height, () => {
      for (const tick of this.ticks()) this.box(Math.round(this.x(tick)), HEADER, 1, this.height, this.theme.border, 0.7)
      this.bands(first, last)
      if (this.clock.isCompressed) this.eachIdle((left, width) => this.hatch(left, HEADER, width, this.height, this.theme.border, 0.9))
      if (this.showCritical) this.criticalConnectors(first, last)
      for (let position = first; position < last; position++) this.dimmed(tree.visible[position], row => this.bar(row, this.y(position)))
      this.font(11)
      if (this.clock.isCompressed) this.eachIdle((left, width, said) => this.upright(said, left + width / 2, (HEADER + this.height) / 2))
    })
    for (let position = first; position < last; position++) this.dimmed(tree.visible[position], row => {
      this.nameCell(row, this.y(position))
      this.figures(row, this.y(position))
    })
    this.box(columns.bars - 1, HEADER, 1, this.height, this.theme.border)
  }

  dimmed(row, draw) {
    this.context.globalAlpha = this.tree.query && !this.tree.matching.has(row) ? 0.28 : 1
    draw(row)
    this.context.globalAlpha = 1
  }

  highlight(row, y) {
    if (row === this.selected) {
      this.box(0, y, this.width, ROW, this.theme.primary, 0.15)
      this.box(0, y, 3, ROW, this.theme.primary)
    } else if (row === this.hovered) this.box(0, y, this.width, ROW, this.theme.surface)
  }

  eachIdle(draw) {
    for (const [from, to] of this.clock.idle) {
      const left = this.x(from), width = this.x(to) - left
      if (width > 12) draw(left, width, `${momentLabel(to - from)} idle`)
    }
  }

  upright(text, x, y) {
    this.context.save()
    this.context.translate(x, y)
    this.context.rotate(-Math.PI / 2)
    const width = this.context.measureText(text).width
    this.box(-width / 2 - 4, -7, width + 8, 14, this.theme.surface)
    this.text(text, 0, 0, this.theme.text, 0.85, "center")
    this.context.restore()
  }

  selection() {
    const inMinimap = this.drag.kind === "brush", top = inMinimap ? 0 : MINIMAP, bottom = inMinimap ? MINIMAP : this.height
    const left = Math.min(this.drag.from, this.drag.to), width = Math.abs(this.drag.to - this.drag.from)
    this.box(left, top, width, bottom - top, this.theme.primary, 0.18)
    for (const edge of [left, left + width]) this.box(edge, top, 1, bottom - top, this.theme.primary)
  }
}
