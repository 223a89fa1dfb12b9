// Draws what is on screen and nothing else: the cost of a frame depends on the rows in sight, not on the trace.

const ROW = 24, MINIMAP = 44, RULER = 24, HEADER = MINIMAP + RULER
const INDENT = 14, DEEPEST_INDENT = 12
const LABEL_ROOM = 58, MARK_ROOM = 70  // right of the last moment, so that the longest bars have their label beside them
const SEEN = 3  // pixels under which a stretch of the critical path is only a mark

class Painter {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d")
    this.minimap = null
  }

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

  get room() { return this.width - this.columns.bars - LABEL_ROOM - (this.spans.marked ? MARK_ROOM : 0) }
  x(ms) { return this.columns.bars + (ms - this.time.from) / this.time.width * this.room }
  ms(x) { return this.time.from + (x - this.columns.bars) / this.room * this.time.width }
  minimapX(ms) { return this.columns.bars + ms / this.spans.total * this.room }
  msOfMinimap(x) { return (x - this.columns.bars) / this.room * this.spans.total }
  y(position) { return HEADER + position * ROW - this.scroll }
  font(size, weight = 400) { this.context.font = `${weight} ${size}px ${this.theme.font}` }

  text(text, x, y, colour = this.theme.text, alpha = 1, align = "left") {
    const before = this.context.globalAlpha
    Object.assign(this.context, { fillStyle: colour, globalAlpha: before * alpha, textAlign: align })
    this.context.fillText(text, x, y)
    Object.assign(this.context, { globalAlpha: before, textAlign: "left" })
  }

  box(x, y, width, height, colour, alpha = 1) {
    const before = this.context.globalAlpha
    Object.assign(this.context, { fillStyle: colour, globalAlpha: before * alpha })
    this.context.fillRect(x, y, width, height)
    this.context.globalAlpha = before
  }

  clip(x, y, width, height, draw) {
    this.context.save()
    this.context.beginPath()
    this.context.rect(x, y, width, height)
    this.context.clip()
    draw()
    this.context.restore()
  }

  paint(state) {
    Object.assign(this, state)
    this.context.textBaseline = "middle"
    this.box(0, 0, this.width, this.height, this.theme.background)
    this.clip(0, HEADER, this.width, this.height - HEADER, () => this.rows())
    this.ruler()
    this.drawMinimap()
    if (this.drag?.moved) this.selection()
  }

  rows() {
    const first = Math.floor(this.scroll / ROW)
    const last = Math.min(this.spans.visible.length, Math.ceil((this.scroll + this.height - HEADER) / ROW))
    for (const tick of this.ticks()) this.box(Math.round(this.x(tick)), HEADER, 1, this.height, this.theme.border, 0.7)
    for (let position = first; position < last; position++) this.highlight(this.spans.visible[position], this.y(position))
    if (this.showCritical) this.criticalConnectors(first, last)
    for (let position = first; position < last; position++) {
      const row = this.spans.visible[position], y = this.y(position)
      this.context.globalAlpha = this.spans.query && !this.spans.matching.has(row) ? 0.3 : 1
      this.clip(this.columns.bars, y, this.width - this.columns.bars, ROW, () => this.bar(row, y))
      this.nameCell(row, y)
      if (this.columns.cost) this.costCell(row, y)
      this.context.globalAlpha = 1
    }
    this.box(this.columns.bars - 1, HEADER, 1, this.height, this.theme.border)
  }

  highlight(row, y) {
    if (row === this.selected) {
      this.box(0, y, this.width, ROW, this.theme.primary, 0.13)
      this.box(0, y, 3, ROW, this.theme.primary)
    } else if (row === this.hovered) this.box(0, y, this.width, ROW, this.theme.surface)
  }

  bar(row, y) {
    const { data } = this.spans, isCall = data.call[row], middle = y + ROW / 2
    const start = this.x(data.start[row]), end = this.x(data.end[row])
    if (end < this.columns.bars || start > this.width) return this.offScreenHint(row, middle, end < this.columns.bars)
    const left = Math.max(start, this.columns.bars - 4), right = Math.min(Math.max(end, start + 2), this.width + 4)
    const half = isCall ? 7 : 4, colour = data.colours[data.colour[row]], cancelled = data.cancelled.includes(row)
    const { context } = this
    context.beginPath()
    context.roundRect(left, middle - half, right - left, half * 2, Math.min(3, (right - left) / 2))
    Object.assign(context, { fillStyle: colour, strokeStyle: data.error[row] ? this.theme.red : colour, lineWidth: isCall ? 2 : 1.25 })
    const before = context.globalAlpha
    context.globalAlpha = before * (cancelled ? 0.3 : 1)
    context.fill()
    context.globalAlpha = before
    context.setLineDash(cancelled ? [4, 3] : [])
    if (data.error[row] || cancelled) context.stroke()
    context.setLineDash([])
    if (this.showCritical) this.criticalMarks(row, y)
    this.barLabel(row, left, right, middle, isCall && !cancelled ? inkOn(colour) : null)
    return undefined
  }

  barLabel(row, left, right, middle, inside) {
    const { data } = this.spans, mark = data.mark[row]
    const label = mark ? `${data.duration[row]} · ${mark}` : data.duration[row]
    this.font(11.5)
    const width = this.context.measureText(label).width
    const colour = data.error[row] ? this.theme.red : this.theme.text
    if (right + 7 + width < this.width) this.text(label, right + 7, middle, colour, 0.85)
    else if (inside && right - left > width + 14) this.text(label, Math.max(left, this.columns.bars) + 7, middle, inside)
    else if (left - 7 - width > this.columns.bars) this.text(label, left - 7, middle, colour, 0.85, "right")
    else if (right - left > width + 14) this.pill(label, Math.max(left, this.columns.bars) + 7, middle, width)
  }

  pill(label, x, middle, width) {
    this.box(x - 4, middle - 8, width + 8, 16, this.theme.background, 0.9)
    this.text(label, x, middle)
  }

  offScreenHint(row, middle, before) {
    this.font(11.5)
    const label = this.spans.data.duration[row]
    if (before) this.text(`◂ ${label}`, this.columns.bars + 6, middle, this.theme.text, 0.5)
    else this.text(`${label} ▸`, this.width - 6, middle, this.theme.text, 0.5, "right")
  }

  criticalMarks(row, y) {
    for (const [, from, to] of this.spans.criticalOf.get(row) ?? []) {
      const left = Math.max(this.columns.bars, this.x(from)), right = Math.min(this.width, this.x(to))
      const seen = right - left >= 1 || this.spans.data.call[row]
      if (right >= left && seen) this.box(left, y + ROW - 5, Math.max(1.5, right - left), 2.5, this.theme.text)
    }
  }

  // The path is one line through the trace: where it leaves a span, it goes on in another at the same moment.
  criticalConnectors(first, last) {
    const { critical, position } = this.spans, least = SEEN / this.room * this.time.width
    for (let index = 1; index < critical.length; index++) {
      const [, earlier, change] = critical[index - 1], [, , later] = critical[index]
      if (change - earlier < least || later - change < least) continue
      const [upper, lower] = [position[critical[index - 1][0]], position[critical[index][0]]].sort((a, b) => a - b)
      const x = this.x(change)
      if (upper < 0 || upper === lower || lower < first || upper >= last || x < this.columns.bars || x > this.width) continue
      this.box(x - 0.75, this.y(upper) + ROW - 4, 1.5, (lower - upper) * ROW, this.theme.text, 0.35)
    }
  }

  nameCell(row, y) {
    const { data } = this.spans, depth = Math.min(data.depth[row], DEEPEST_INDENT), middle = y + ROW / 2
    const left = 10 + depth * INDENT, end = this.columns.name - 6
    for (let level = 1; level <= depth; level++) this.box(4 + level * INDENT, y, 1, ROW, this.theme.border)
    if (this.spans.hasChildren(row)) this.caret(left, middle, this.spans.folded.has(row))
    this.context.setLineDash([])
    this.box(left + 13, middle - 7, 3, 14, data.colours[data.colour[row]])
    const start = left + 23
    this.font(13, data.call[row] ? 400 : 600)
    const name = clippedText(this.context, data.name[row], end - start)
    this.text(name, start, middle, data.error[row] ? this.theme.red : this.theme.text)
    const after = start + this.context.measureText(name).width + 8
    const hidden = this.spans.hiddenUnder(row)
    this.font(12)
    const detail = hidden ? `+${hidden} hidden` : data.label[row]
    this.text(clippedText(this.context, detail, end - after), after, middle, this.theme.text, 0.55)
  }

  caret(x, middle, folded) {
    const { context } = this
    Object.assign(context, { strokeStyle: this.theme.text, lineWidth: 1.5 })
    context.beginPath()
    if (folded) { context.moveTo(x, middle - 4); context.lineTo(x + 4, middle); context.lineTo(x, middle + 4) }
    else { context.moveTo(x - 2, middle - 2); context.lineTo(x + 2, middle + 2); context.lineTo(x + 6, middle - 2) }
    context.stroke()
  }

  costCell(row, y) {
    const { data } = this.spans, right = this.columns.bars - 10, width = this.columns.cost - 12
    const part = data.cost_share[row]
    if (part && data.call[row]) this.box(right - width * part, y + ROW - 5, width * part, 2.5, this.theme.primary, 0.55)
    this.font(12)
    this.text(data.cost[row], right, y + ROW / 2, this.theme.text, data.call[row] ? 0.95 : 0.5, "right")
  }

  ticks() {
    const step = tickStep(this.time.width / Math.max(2, this.room / 105))
    const first = Math.ceil(this.time.from / step), last = Math.floor(this.time.to / step + 1e-9)
    this.step = step
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step)
  }

  ruler() {
    const middle = MINIMAP + RULER / 2
    this.box(0, 0, this.width, HEADER, this.theme.background)
    this.font(11.5)
    for (const tick of this.ticks()) {
      const x = Math.round(this.x(tick)), label = tickLabel(tick, this.step)
      if (x + 5 + this.context.measureText(label).width < this.width) this.text(label, x + 5, middle, this.theme.text, 0.65)
      this.box(x, MINIMAP + 4, 1, RULER - 4, this.theme.border)
    }
    this.text("Span", 10, middle, this.theme.text, 0.65)
    if (this.columns.cost) this.text("Cost", this.columns.bars - 10, middle, this.theme.text, 0.65, "right")
    this.font(13, 600)
    this.text(this.spans.data.summary, 10, 14)
    this.font(11.5)
    const hint = this.time.zoomed ? "zoomed in · Esc for the whole trace" : "drag to zoom · double click to fit a span"
    this.text(clippedText(this.context, hint, this.columns.bars - 24), 10, 32, this.theme.text, 0.55)
    this.box(0, HEADER - 1, this.width, 1, this.theme.border)
    this.box(this.columns.bars - 1, 0, 1, HEADER, this.theme.border)
  }

  drawMinimap() {
    const left = this.columns.bars, width = this.room
    this.minimap ??= this.minimapPicture(width)
    this.context.drawImage(this.minimap, left, 0, width, MINIMAP)
    this.box(left, MINIMAP - 1, this.width, 1, this.theme.border)
    if (!this.time.zoomed) return
    const from = this.minimapX(this.time.from), to = this.minimapX(this.time.to)
    this.box(left, 0, from - left, MINIMAP, this.theme.background, 0.72)
    this.box(to, 0, left + width - to, MINIMAP, this.theme.background, 0.72)
    for (const edge of [from, to]) this.box(edge - 1, 0, 2, MINIMAP, this.theme.primary)
  }

  minimapPicture(width) {
    const { data, count, total } = this.spans, room = MINIMAP - 8
    const picture = Object.assign(document.createElement("canvas"), { width: width * this.ratio, height: MINIMAP * this.ratio })
    const context = picture.getContext("2d")
    context.scale(this.ratio, this.ratio)
    const height = Math.max(0.6, Math.min(3.5, room / count - 0.5))
    for (let row = 0; row < count; row++) {
      context.fillStyle = data.error[row] ? this.theme.red : data.colours[data.colour[row]]
      const length = (data.end[row] - data.start[row]) / total * width
      context.fillRect(data.start[row] / total * width, 3 + row / count * room, Math.max(1, length), height)
    }
    return picture
  }

  selection() {
    const top = this.drag.kind === "brush" ? 0 : MINIMAP, bottom = this.drag.kind === "brush" ? MINIMAP : this.height
    const left = Math.min(this.drag.from, this.drag.to), width = Math.abs(this.drag.to - this.drag.from)
    this.box(left, top, width, bottom - top, this.theme.primary, 0.18)
    for (const edge of [left, left + width]) this.box(edge, top, 1, bottom - top, this.theme.primary)
  }
}
