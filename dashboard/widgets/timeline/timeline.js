// One timeline on the page: its state, what the reader does to it, and what it tells Python.

const KEYBOARD_PAUSE = 120, ANSWER_TIME = 3000, GROWING = 250, GIVEN_UP_AFTER = 600_000

class Timeline {
  constructor(root) {
    const find = selector => root.querySelector(selector)
    Object.assign(this, {
      frame: find(".timeline"), canvas: find("canvas"), tooltip: find(".tooltip"), searchBox: find(".search"),
      matchCount: find(".matches"), announcement: find(".announcement"), legend: find(".legend"), crumbs: find(".crumbs"),
      help: find("dialog"), colourBox: find(".colour"), compressBox: find(".compress"), find,
    })
    this.painter = new Painter(this.canvas)
    Object.assign(this, {
      selected: -1, hovered: -1, scroll: 0, drag: null, showCritical: true, asked: null, shownId: null,
      colouring: "model", fingers: new Map(), behind: 0,
    })
    this.listen(find)
    this.observer = new ResizeObserver(() => {
      if (this.tree) this.drawLegend()
      this.draw()
    })
    this.observer.observe(this.canvas)
    // Who goes back wants that, whatever was asked for a moment before.
    this.onBack = () => { this.asked = null }
    addEventListener("popstate", this.onBack)
  }

  update(bytes, tell) {
    this.tell = tell
    this.theme = themeOf(this.frame)
    Object.assign(this.painter, { minimap: null, patterns: new Map() })
    if (revisionOf(bytes) !== this.rev) this.load(unpacked(bytes))
    this.draw()
  }

  load(data) {
    const before = this.tree, folded = before ? [...before.folded].map(row => before.ids[row]) : []
    const window = before && this.time.zoomed ? [this.time.from, this.time.to] : null
    Object.assign(this, { rev: data.rev, data, tree: new Tree(data) })
    // A trace still being recorded keeps what the reader folded, and where they looked.
    for (const id of folded) if (this.tree.rowOf.has(id)) this.tree.folded.add(this.tree.rowOf.get(id))
    if (folded.length) this.tree.showUnfolded()
    this.clock = new Clock(this.tree)
    this.time = new TimeWindow(this.clock)
    this.grow()
    if (window) this.time.show(...window)
    this.find(".stage").style.height = `${data.height}px`
    Object.assign(this, { selected: this.tree.rowOf.get(this.shownId) ?? -1, hovered: -1 })
    this.offerCompression()
    this.drawLegend()
    this.search(this.searchBox.value)
    this.canvas.setAttribute("aria-label", `Timeline of a trace: ${data.summary}. Arrow keys select a span, ? lists the keys; the Spans tab has the same as a table.`)
  }

  // The address bar leads. An answer to an older key press is passed over while a newer one is on its way.
  follow({ selected, colour, now }) {
    if (now) this.behind = now - Date.now()
    if (colour && colour !== this.colouring) this.colourBy(colour)
    if (this.asked && Date.now() - this.asked.at < ANSWER_TIME && selected !== this.asked.id) return
    this.asked = null
    if (selected === this.shownId) return
    this.shownId = selected
    this.selected = this.tree?.rowOf.get(selected) ?? -1
    if (this.selected >= 0) this.reveal(this.selected)
    this.draw()
  }

  // Bars of open stages grow to now, a few times a second and while anybody looks.
  grow() {
    clearTimeout(this.growth)
    const { startedAt } = this.data, { tree } = this
    if (startedAt === null) return
    const now = Date.now() + this.behind - startedAt
    if (now - tree.lastEnd > GIVEN_UP_AFTER) return
    const wasWhole = !this.time.zoomed
    tree.growTo(now)
    if (wasWhole) this.time.reset()
    this.painter.minimap = null
    this.draw()
    this.growth = setTimeout(() => this.grow(), GROWING)
  }

  select(row, pause = 0) {
    if (!(row >= 0)) return
    const id = this.tree.ids[row], isThere = !this.tree.is(row, OPEN)
    Object.assign(this, { selected: row, shownId: id, asked: isThere ? { id, at: Date.now() } : null })
    this.announcement.textContent = this.facts(row).join(", ")
    this.reveal(row)
    this.draw()
    clearTimeout(this.pending)
    if (!isThere) return
    if (pause) this.pending = setTimeout(() => this.tell("picked", id), pause)
    else this.tell("picked", id)
  }

  reveal(row) {
    this.tree.uncover(row)
    const top = this.tree.position[row] * ROW, room = this.canvas.clientHeight - HEADER, above = this.crumbs.hidden ? 0 : ROW
    if (top - above < this.scroll) this.scroll = top - ROW
    else if (top + ROW > this.scroll + room) this.scroll = top + ROW - room
    this.keepScrollInside()
    this.time.bringIn(this.tree.start[row], this.tree.end(row))
  }

  keepScrollInside() {
    const longest = this.tree.visible.length * ROW - (this.canvas.clientHeight - HEADER)
    this.scroll = Math.max(0, Math.min(this.scroll, longest))
  }

  search(text) {
    this.tree.search(text)
    this.countMatches()
    this.draw()
  }

  countMatches() {
    const { matches, query } = this.tree, at = matches.indexOf(this.selected) + 1
    const all = `${matches.length.toLocaleString("en")} match${matches.length === 1 ? "" : "es"}`
    this.matchCount.textContent = !query ? "" : at ? `${at.toLocaleString("en")} of ${all}` : all
  }

  nextMatch(step) {
    this.select(this.tree.nextMatch(this.selected, step), KEYBOARD_PAUSE)
    this.countMatches()
  }

  colourBy(colouring) {
    if (!this.painter || !["model", "role", "cost"].includes(colouring)) return
    Object.assign(this, { colouring })
    this.colourBox.value = colouring
    this.painter.minimap = null
    if (this.tree) this.drawLegend()
    this.draw()
  }

  compress(isCompressed) {
    this.clock.isCompressed = isCompressed
    this.painter.minimap = null
    this.time.reset()
    this.draw()
  }

  offerCompression() {
    this.compressBox.hidden = !this.clock.isOffered
    const share = this.clock.idleShare * 100
    this.find(".idle").textContent = `Compress ${share > 99 ? Math.floor(share * 10) / 10 : Math.floor(share)} % idle`
    this.find(".compress input").checked = false
  }

  facts(row) {
    const said = column => this.tree.text(column, row)
    const time = this.tree.is(row, OPEN) ? "still open" : said("duration")
    return [said("name"), said("model"), time, ...["cost", "mark", "error", "note"].map(said)].filter(Boolean)
  }

  draw() {
    if (this.tree) this.frameRequest ??= requestAnimationFrame(() => { this.frameRequest = undefined; this.paint() })
  }

  paint() {
    if (!this.painter.resize()) return
    this.keepScrollInside()
    const { tree, clock, time, theme, scroll, selected, hovered, drag, showCritical, colouring, data } = this
    const { summary, leftOut } = data
    this.painter.paint({ tree, clock, time, theme, scroll, selected, hovered, drag, showCritical, colouring, summary, leftOut })
    this.drawCrumbs()
    this.say({
      painted: tree.count, visible: tree.visible.length, selected: tree.ids[selected] ?? "", colour: colouring,
      header: HEADER, row: ROW, bars: this.painter.columns.bars, from: time.from, to: time.to, scroll, total: tree.total, open: tree.open.length,
    })
  }

  // For tests, which cannot see into a canvas.
  say(state) {
    for (const [name, value] of Object.entries(state))
      if (this.canvas.dataset[name] !== String(value)) this.canvas.dataset[name] = value
  }

  destroy() {
    this.observer.disconnect()
    removeEventListener("popstate", this.onBack)
    clearTimeout(this.pending)
    clearTimeout(this.growth)
    cancelAnimationFrame(this.frameRequest)
  }
}
