// Mouse, wheel and keyboard of an icicle.

Icicle.prototype.listen = function () {
  const { canvas } = this
  canvas.onpointermove = event => this.point(event)
  canvas.onpointerleave = () => { this.hovered = -1; this.hideTooltip(); this.draw() }
  canvas.onclick = event => this.select(this.placeAt(event.offsetX, event.offsetY))
  canvas.ondblclick = event => this.enter(this.placeAt(event.offsetX, event.offsetY))
  canvas.onwheel = event => this.wheel(event)
  canvas.onkeydown = event => this.key(event)
  this.up.onclick = () => this.leave()
  this.top.onclick = () => this.enter(0)
}

Icicle.prototype.point = function ({ offsetX: x, offsetY: y }) {
  const place = this.placeAt(x, y)
  if (place !== this.hovered) { this.hovered = place; this.draw() }
  this.canvas.style.cursor = place >= 0 ? "pointer" : "default"
  return place >= 0 ? this.showTooltip(place, x, y) : this.hideTooltip()
}

// At the last row the page scrolls on: nobody is caught in the icicle.
Icicle.prototype.wheel = function (event) {
  const before = this.scroll
  this.scroll += event.deltaY
  this.keepScrollInside()
  if (this.scroll === before) return
  event.preventDefault()
  this.hideTooltip()
  this.draw()
}

Icicle.prototype.key = function (event) {
  event.stopPropagation()  // Streamlit has hot keys of its own on the page
  const { parts, selected, under } = this
  const go = place => this.select(place, KEYBOARD_PAUSE)
  const from = way => selected < 0 || !parts.within(selected) ? go(under) : go(way(selected))
  const actions = {
    ArrowDown: () => from(place => parts.firstChild(place)),
    ArrowUp: () => from(place => place === under ? -1 : parts.data.parent[place]),
    ArrowLeft: () => from(place => place === under ? -1 : parts.neighbour(place, -1)),
    ArrowRight: () => from(place => place === under ? -1 : parts.neighbour(place, 1)),
    Home: () => go(under),
    Enter: () => this.enter(selected),
    Backspace: () => this.leave(),
    Escape: () => this.enter(0),
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return
  event.preventDefault()
  actions[event.key]()
}
