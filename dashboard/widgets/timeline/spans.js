// The spans of one trace as a tree in depth-first order: what is folded, what shows, what matches. Knows no pixels.

class Spans {
  constructor(data) {
    this.data = data
    this.count = data.id.length
    this.total = data.end.reduce((latest, end) => Math.max(latest, end), 0.001)
    this.rowOf = new Map(data.id.map((id, row) => [id, row]))
    this.marked = data.mark.some(Boolean)
    this.critical = data.critical
    this.criticalOf = Map.groupBy(data.critical, ([row]) => row)
    this.folded = new Set()
    this.matches = []
    this.matching = new Set()
    this.query = ""
    this.findParents(data.depth)
    this.showUnfolded()
  }

  // Parents come before their children, so a stack of open rows is enough to know who is whose.
  findParents(depth) {
    this.parent = new Int32Array(this.count).fill(-1)
    this.subtreeEnd = new Int32Array(this.count).fill(this.count)
    const open = []
    for (let row = 0; row < this.count; row++) {
      while (open.length && depth[open.at(-1)] >= depth[row]) this.subtreeEnd[open.pop()] = row
      if (open.length) this.parent[row] = open.at(-1)
      open.push(row)
    }
  }

  hasChildren(row) { return this.subtreeEnd[row] > row + 1 }
  hiddenUnder(row) { return this.folded.has(row) ? this.subtreeEnd[row] - row - 1 : 0 }

  showUnfolded() {
    this.visible = []
    this.position = new Int32Array(this.count).fill(-1)
    for (let row = 0; row < this.count; row = this.folded.has(row) ? this.subtreeEnd[row] : row + 1) {
      this.position[row] = this.visible.length
      this.visible.push(row)
    }
  }

  fold(row) { if (this.hasChildren(row)) this.folded.add(row); this.showUnfolded() }
  unfold(row) { this.folded.delete(row); this.showUnfolded() }
  toggle(row) { this.folded.has(row) ? this.unfold(row) : this.fold(row) }
  unfoldAll() { this.folded.clear(); this.showUnfolded() }

  // Roots stay open, so that a folded trace still shows its stages.
  foldAll() {
    for (let row = 0; row < this.count; row++) if (this.data.depth[row] > 0 && this.hasChildren(row)) this.folded.add(row)
    this.showUnfolded()
  }

  uncover(row) {
    for (let above = this.parent[row]; above >= 0; above = this.parent[above]) this.folded.delete(above)
    this.showUnfolded()
  }

  search(text) {
    this.query = text.trim().toLowerCase()
    const { name, model, mark } = this.data
    const holds = row => `${name[row]} ${model[row]} ${mark[row]}`.toLowerCase().includes(this.query)
    this.matches = this.query ? Array.from(name.keys()).filter(holds) : []
    this.matching = new Set(this.matches)
  }

  nextMatch(from, step) {
    const ordered = step > 0 ? this.matches : this.matches.toReversed()
    return ordered.find(row => (row - from) * step > 0) ?? ordered[0] ?? -1
  }
}

// The stretch of time on screen, in milliseconds from the start of the trace.
class TimeWindow {
  constructor(total) { this.total = total; this.reset() }
  get width() { return this.to - this.from }
  get zoomed() { return this.width < this.total * 0.9999 }
  reset() { this.from = 0; this.to = this.total }

  show(from, to) {
    const width = Math.min(this.total, Math.max(to - from, this.total * 1e-6))
    this.from = Math.max(0, Math.min(this.total - width, from))
    this.to = this.from + width
  }

  zoom(factor, at = (this.from + this.to) / 2) { this.show(at - (at - this.from) * factor, at + (this.to - at) * factor) }
  move(ms) { this.show(this.from + ms, this.to + ms) }
  fit(start, end) { const margin = (end - start) * 0.08; this.show(start - margin, end + margin) }

  // Zoom stays; only what is out of sight is brought in.
  bringIn(start, end) {
    if (end < this.from || start > this.to) this.move((start + Math.min(end, start + this.width)) / 2 - (this.from + this.to) / 2)
  }
}
