// The top: the whole trace in small with a brush on it, and the ruler.

const MOST_IN_MINIMAP = 4000

Object.assign(Pen.prototype, {
  minimapX(ms) { return this.columns.bars + this.clock.shown(ms) / this.clock.total * this.room },
  shownAtMinimap(x) { return (x - this.columns.bars) / this.room * this.clock.total },
  brush() { return [this.time.from, this.time.to].map(shown => this.columns.bars + shown / this.clock.total * this.room) },

  ticks() {
    const from = this.clock.real(this.time.from), to = this.clock.real(this.time.to)
    const step = this.step = tickStep(this.time.width / Math.max(2, this.room / 105))
    const first = Math.ceil(from / step), count = Math.min(400, Math.max(0, Math.floor(to / step + 1e-9) - first + 1))
    return Array.from({ length: count }, (_, index) => (first + index) * step).filter(tick => !this.clock.isIdle(tick))
  },

  ruler() {
    const middle = MINIMAP + RULER / 2, { columns } = this
    this.box(0, 0, this.width, HEADER, this.theme.background)
    this.font(11.5)
    let reached = 0
    for (const tick of this.ticks()) {
      const x = Math.round(this.x(tick)), label = tickLabel(tick, this.step), width = this.context.measureText(label).width
      if (x + 5 + width < this.width && x > reached) { this.text(label, x + 5, middle, this.theme.text, 0.7); reached = x + 5 + width }
      this.box(x, MINIMAP + 4, 1, RULER - 4, this.theme.border)
    }
    this.text("Span", 10, middle, this.theme.text, 0.7)
    if (columns.time) this.text("Time", columns.name + columns.time - 8, middle, this.theme.text, 0.7, "right")
    if (columns.cost) this.text("Cost", columns.bars - 10, middle, this.theme.text, 0.7, "right")
    this.font(13, 600)
    this.text(this.summary, 10, 14)
    this.font(11.5)
    this.text(clippedText(this.context, this.hint(), columns.bars - 24), 10, 32, this.theme.text, 0.62)
    this.box(0, HEADER - 1, this.width, 1, this.theme.border)
    this.box(columns.bars - 1, 0, 1, HEADER, this.theme.border)
  },

  hint() {
    if (this.leftOut) return this.leftOut
    if (!this.time.zoomed) return "drag to zoom · double click a row to fit it · ? for keys"
    const [from, to] = [this.time.from, this.time.to].map(at => momentLabel(this.clock.real(at)))
    return `${from} to ${to} · Esc for the whole trace`
  },

  drawMinimap() {
    const left = this.columns.bars, width = this.room
    if (width < 1) return
    this.minimap ??= this.minimapPicture(width)
    this.context.drawImage(this.minimap, left, 0, width, MINIMAP)
    this.box(left, MINIMAP - 1, this.width, 1, this.theme.border)
    if (!this.time.zoomed) return
    const [from, to] = this.brush()
    this.box(left, 0, from - left, MINIMAP, this.theme.background, 0.72)
    this.box(to, 0, left + width - to, MINIMAP, this.theme.background, 0.72)
    for (const edge of [from, to]) {
      this.box(edge - 1, 0, 2, MINIMAP, this.theme.primary)
      this.box(edge - 3, MINIMAP / 2 - 7, 6, 14, this.theme.primary)
    }
  },

  // Of very many rows some stand for all; errors have a line of their own at the bottom.
  minimapPicture(width) {
    const { tree } = this, room = MINIMAP - 12, step = Math.ceil(tree.count / MOST_IN_MINIMAP)
    const picture = Object.assign(document.createElement("canvas"), { width: width * this.ratio, height: MINIMAP * this.ratio })
    const context = picture.getContext("2d"), height = Math.max(0.6, Math.min(3.5, room / tree.count - 0.5))
    context.scale(this.ratio, this.ratio)
    const draw = (row, colour) => {
      const left = this.minimapX(tree.start[row]) - this.columns.bars, right = this.minimapX(tree.end(row)) - this.columns.bars
      context.fillStyle = colour
      context.fillRect(left, 3 + row / tree.count * room, Math.max(1, right - left), height)
    }
    for (let row = 0; row < tree.count; row += step) draw(row, this.colourOf(row))
    for (let row = 0; row < tree.count; row++) if (tree.is(row, ERROR)) {
      if (step === 1) draw(row, this.theme.red)
      context.fillStyle = this.theme.red
      context.fillRect(this.minimapX(tree.start[row]) - this.columns.bars, MINIMAP - 6, 2, 4)
    }
    return picture
  },
})
