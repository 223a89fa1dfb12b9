// What the mouse, a pen and fingers do to a timeline.

const CLICK_SLACK = 4

Object.assign(Timeline.prototype, {
  listen(find) {
    const { canvas, searchBox } = this
    Object.assign(canvas, {
      onpointerdown: event => this.press(event), onpointermove: event => this.point(event),
      onpointerup: event => this.release(event), onpointercancel: event => this.letGo(event),
      onpointerleave: () => { this.hovered = -1; this.hideTooltip(); this.draw() },
      ondblclick: event => this.doubleClick(event), onwheel: event => this.wheel(event), onkeydown: event => this.key(event),
    })
    searchBox.oninput = () => this.search(searchBox.value)
    searchBox.onkeydown = event => this.searchKey(event)
    const click = (name, action) => { find(name).onclick = () => { action(); this.draw() } }
    click(".expand", () => this.tree.unfoldAll())
    click(".collapse", () => this.tree.foldAll())
    click(".less", () => this.tree.stepLevel(-1))
    click(".more", () => this.tree.stepLevel(1))
    click(".reset", () => this.time.reset())
    click(".previous", () => this.nextMatch(-1))
    click(".next", () => this.nextMatch(1))
    click(".keys", () => this.help.showModal())
    click(".close", () => this.help.close())
    this.help.onkeydown = event => event.stopPropagation()
    this.help.onclick = event => { if (event.target === this.help) this.help.close() }
    find(".critical").onchange = event => { this.showCritical = event.target.checked; this.draw() }
    find(".compress input").onchange = event => this.compress(event.target.checked)
    this.colourBox.onchange = () => { this.colourBy(this.colourBox.value); this.tell("coloured", this.colourBox.value) }
  },

  rowAt(y) { return y < HEADER ? -1 : this.tree.visible[Math.floor((y - HEADER + this.scroll) / ROW)] ?? -1 },

  isCaret(row, x) {
    const left = 10 + Math.min(this.tree.depth[row], this.painter.columns.indent) * INDENT
    return this.tree.hasChildren(row) && x >= left - 8 && x <= left + 12
  },

  press(event) {
    if (event.button !== 0) return
    const { offsetX: x, offsetY: y, pointerType, pointerId } = event, row = this.rowAt(y)
    this.canvas.focus({ preventScroll: true })
    this.canvas.setPointerCapture(pointerId)
    const inBars = x >= this.painter.columns.bars
    if (row >= 0 && !inBars && this.isCaret(row, x)) { this.tree.toggle(row); return this.draw() }
    if (pointerType === "touch") {
      this.fingers.set(pointerId, { x, y })
      this.drag = { kind: "pan", from: x, to: x, row, moved: this.fingers.size > 1 }
    } else if (inBars) {
      const [from, to] = this.painter.brush(), inMinimap = y < MINIMAP
      const onBrush = inMinimap && this.time.zoomed && x > from && x < to
      this.drag = { kind: onBrush ? "move" : inMinimap ? "brush" : "zoom", from: x, to: x, row, moved: false }
    } else if (row >= 0) this.select(row)
    return undefined
  },

  point(event) {
    const { offsetX: x, offsetY: y } = event, { columns, width } = this.painter
    if (this.fingers.has(event.pointerId)) return this.touch(event.pointerId, x, y)
    if (this.drag) return this.dragTo(Math.max(columns.bars, Math.min(width, x)))
    const row = this.rowAt(y)
    if (row !== this.hovered) { this.hovered = row; this.draw() }
    const onBrush = y < MINIMAP && this.time.zoomed && x > this.painter.brush()[0] && x < this.painter.brush()[1]
    this.canvas.style.cursor = onBrush ? "grab" : x >= columns.bars && x <= width ? "crosshair" : row >= 0 ? "pointer" : "default"
    return row >= 0 ? this.showTooltip(row, x, y) : this.hideTooltip()
  },

  dragTo(x) {
    const { drag, painter } = this
    drag.moved ||= Math.abs(x - drag.from) > CLICK_SLACK
    if (drag.kind === "move") this.time.move(painter.shownAtMinimap(x) - painter.shownAtMinimap(drag.to))
    drag.to = x
    this.hideTooltip()
    this.draw()
  },

  // One finger moves the rows and time, two stretch time between them.
  touch(pointerId, x, y) {
    const before = this.fingers.get(pointerId), others = [...this.fingers].filter(([id]) => id !== pointerId).map(([, at]) => at)
    if (others.length) {
      const apart = Math.max(20, Math.abs(before.x - others[0].x)), now = Math.max(20, Math.abs(x - others[0].x))
      this.time.zoom(apart / now, this.painter.shownAt((x + others[0].x) / 2))
    } else {
      this.scroll -= y - before.y
      this.time.move(-(x - before.x) / this.painter.room * this.time.width)
      this.keepScrollInside()
    }
    if (this.drag) this.drag.moved ||= Math.hypot(x - this.drag.from, y - before.y) > CLICK_SLACK
    this.fingers.set(pointerId, { x, y })
    this.hideTooltip()
    this.draw()
  },

  release(event) {
    const { drag, painter } = this
    this.letGo(event)
    if (!drag || this.fingers.size) return
    if (drag.moved && (drag.kind === "brush" || drag.kind === "zoom")) {
      const shown = x => drag.kind === "brush" ? painter.shownAtMinimap(x) : painter.shownAt(x)
      this.time.show(shown(Math.min(drag.from, drag.to)), shown(Math.max(drag.from, drag.to)))
    } else if (!drag.moved && drag.row >= 0) this.select(drag.row)
    this.draw()
  },

  letGo(event) {
    this.fingers.delete(event.pointerId)
    this.drag = null
  },

  doubleClick({ offsetX: x, offsetY: y }) {
    const row = this.rowAt(y)
    if (row >= 0 && this.isCaret(row, x)) return
    if (row >= 0) this.time.fit(this.tree.start[row], this.tree.end(row))
    else this.time.reset()
    this.draw()
  },

  // A plain wheel scrolls the rows, and at their end the page: nobody is caught in the timeline.
  wheel(event) {
    const { deltaX, deltaY } = event
    if (event.ctrlKey || event.metaKey) this.time.zoom(deltaY > 0 ? 1.2 : 1 / 1.2, this.painter.shownAt(event.offsetX))
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
  },
})
