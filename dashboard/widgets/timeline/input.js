// Mouse, wheel and keyboard of a timeline.

Timeline.prototype.listen = function (find) {
  const { canvas, searchBox } = this
  canvas.onpointerdown = event => this.press(event)
  canvas.onpointermove = event => this.point(event)
  canvas.onpointerup = event => this.release(event)
  canvas.onpointerleave = () => { this.hovered = -1; this.hideTooltip(); this.draw() }
  canvas.ondblclick = event => this.doubleClick(event)
  canvas.onwheel = event => this.wheel(event)
  canvas.onkeydown = event => this.key(event)
  searchBox.oninput = () => this.search(searchBox.value)
  searchBox.onkeydown = event => this.searchKey(event)
  find(".critical").onchange = event => { this.showCritical = event.target.checked; this.draw() }
  find(".expand").onclick = () => { this.spans.unfoldAll(); this.draw() }
  find(".collapse").onclick = () => { this.spans.foldAll(); this.draw() }
  find(".reset").onclick = () => { this.time.reset(); this.draw() }
}

Timeline.prototype.rowAt = function (y) {
  return y < HEADER ? -1 : this.spans.visible[Math.floor((y - HEADER + this.scroll) / ROW)] ?? -1
}

Timeline.prototype.isCaret = function (row, x) {
  const left = 10 + Math.min(this.spans.data.depth[row], DEEPEST_INDENT) * INDENT
  return this.spans.hasChildren(row) && x >= left - 8 && x <= left + 12
}

Timeline.prototype.press = function (event) {
  if (event.button !== 0) return
  const { offsetX: x, offsetY: y } = event, row = this.rowAt(y)
  this.canvas.focus({ preventScroll: true })
  if (x >= this.painter.columns.bars) {
    const inMinimap = y < MINIMAP
    const onBrush = inMinimap && this.time.zoomed && x > this.painter.minimapX(this.time.from) && x < this.painter.minimapX(this.time.to)
    this.drag = { kind: onBrush ? "move" : inMinimap ? "brush" : "zoom", from: x, to: x, row, moved: false }
    this.canvas.setPointerCapture(event.pointerId)
  } else if (row >= 0 && this.isCaret(row, x)) {
    this.spans.toggle(row)
    this.draw()
  } else if (row >= 0) this.select(row)
}

Timeline.prototype.point = function (event) {
  const { offsetX: x, offsetY: y } = event, { columns, width } = this.painter
  if (this.drag) {
    const to = Math.max(columns.bars, Math.min(width, x))
    this.drag.moved ||= Math.abs(to - this.drag.from) > CLICK_SLACK
    if (this.drag.kind === "move") this.time.move(this.painter.msOfMinimap(to) - this.painter.msOfMinimap(this.drag.to))
    this.drag.to = to
    this.hideTooltip()
    return this.draw()
  }
  const row = this.rowAt(y)
  if (row !== this.hovered) { this.hovered = row; this.draw() }
  this.canvas.style.cursor = x >= columns.bars && x <= width ? "crosshair" : row >= 0 ? "pointer" : "default"
  return row >= 0 ? this.showTooltip(row, x, y) : this.hideTooltip()
}

Timeline.prototype.release = function () {
  const { drag, painter } = this
  this.drag = null
  if (!drag) return
  if (drag.moved && drag.kind !== "move") {
    const ms = x => drag.kind === "brush" ? painter.msOfMinimap(x) : painter.ms(x)
    this.time.show(ms(Math.min(drag.from, drag.to)), ms(Math.max(drag.from, drag.to)))
  } else if (!drag.moved && drag.row >= 0) this.select(drag.row)
  this.draw()
}

Timeline.prototype.doubleClick = function ({ offsetX: x, offsetY: y }) {
  const row = this.rowAt(y)
  if (row >= 0 && this.isCaret(row, x)) return
  if (row >= 0) this.time.fit(this.spans.data.start[row], this.spans.data.end[row])
  else this.time.reset()
  this.draw()
}

// A plain wheel scrolls the rows, and at their end the page: nobody is caught in the timeline.
Timeline.prototype.wheel = function (event) {
  const { deltaX, deltaY } = event
  if (event.ctrlKey || event.metaKey) this.time.zoom(deltaY > 0 ? 1.2 : 1 / 1.2, this.painter.ms(event.offsetX))
  else if (event.shiftKey || Math.abs(deltaX) > Math.abs(deltaY))
    this.time.move((deltaX || deltaY) / this.painter.room * this.time.width)
  else {
    const before = this.scroll
    this.scroll += deltaY
    this.keepScrollInside()
    if (this.scroll === before) return
  }
  event.preventDefault()
  this.hideTooltip()
  this.draw()
}

Timeline.prototype.key = function (event) {
  event.stopPropagation()  // Streamlit has hot keys of its own on the page
  const { spans, time, selected } = this, { data } = spans
  const at = selected < 0 ? -1 : spans.position[selected]
  const go = position => this.select(spans.visible[Math.max(0, Math.min(spans.visible.length - 1, position))], KEYBOARD_PAUSE)
  const actions = {
    ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), Home: () => go(0), End: () => go(spans.count),
    PageDown: () => go(at + 10), PageUp: () => go(at - 10),
    ArrowLeft: () => {
      if (selected >= 0 && spans.hasChildren(selected) && !spans.folded.has(selected)) spans.fold(selected)
      else if (spans.parent[selected] >= 0) this.select(spans.parent[selected], KEYBOARD_PAUSE)
    },
    ArrowRight: () => spans.unfold(selected),
    w: () => time.zoom(0.7), "+": () => time.zoom(0.7), s: () => time.zoom(1.4), "-": () => time.zoom(1.4),
    a: () => time.move(-time.width / 5), d: () => time.move(time.width / 5),
    f: () => selected >= 0 && time.fit(data.start[selected], data.end[selected]),
    Escape: () => time.reset(), 0: () => time.reset(),
    "/": () => this.searchBox.focus(),
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return
  event.preventDefault()
  actions[event.key]()
  this.draw()
}

Timeline.prototype.searchKey = function (event) {
  event.stopPropagation()
  if (event.key === "Enter") {
    const row = this.spans.nextMatch(this.selected, event.shiftKey ? -1 : 1)
    if (row >= 0) this.select(row, KEYBOARD_PAUSE)
    this.countMatches()
  } else if (event.key === "Escape") {
    this.searchBox.value = ""
    this.search("")
    this.canvas.focus()
  }
}
