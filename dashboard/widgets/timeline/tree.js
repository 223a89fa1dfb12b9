// The spans of one trace as a tree in depth-first order: what is folded, what shows, what matches. Knows no pixels.

class Tree {
  constructor({ columns, texts, legend }) {
    Object.assign(this, { columns, texts, legend, ids: columns.id, depth: columns.depth, start: columns.start })
    this.count = this.ids.length
    this.ends = columns.end
    this.lastEnd = this.ends.reduce((latest, end) => Math.max(latest, end), 0.001)
    this.total = this.lastEnd
    this.rowOf = new Map(this.ids.map((id, row) => [id, row]))
    this.folded = new Set()
    this.matches = []
    this.matching = new Set()
    this.query = ""
    this.findParents()
    this.open = this.rowsThat(row => this.is(row, OPEN))
    this.marked = texts.mark.some(Boolean)
    this.deepest = this.depth.reduce((most, depth) => Math.max(most, depth), 0)
    this.waits = grouped(columns.waitRow)
    this.critical = grouped(columns.criticalRow)
    this.showUnfolded()
  }

  is(row, what) { return (this.columns.flags[row] & what) !== 0 }
  text(column, row) { return this.texts[column][this.columns[column][row]] }
  end(row) { return this.is(row, OPEN) ? this.total : this.ends[row] }
  rowsThat(holds) { return Array.from({ length: this.count }, (_, row) => row).filter(holds) }

  // An open span goes on until now, as long as it is likely that its run does.
  growTo(now) { this.total = this.open.length ? Math.max(this.lastEnd, now) : this.lastEnd }

  // Parents come before their children, so a stack of open rows is enough to know who is whose.
  findParents() {
    const { depth, count } = this
    this.parent = new Int32Array(count).fill(-1)
    this.band = new Int32Array(count).fill(-1)  // the nearest stage above a row
    this.subtreeEnd = new Int32Array(count).fill(count)
    const open = []
    for (let row = 0; row < count; row++) {
      while (open.length && depth[open.at(-1)] >= depth[row]) this.subtreeEnd[open.pop()] = row
      if (open.length) {
        const above = this.parent[row] = open.at(-1)
        this.band[row] = this.is(above, BAND) ? above : this.band[above]
      }
      open.push(row)
    }
  }

  hasChildren(row) { return row >= 0 && this.subtreeEnd[row] > row + 1 }
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
  foldAll() { this.foldFrom(1) }

  foldFrom(level) {
    this.folded = new Set(this.rowsThat(row => this.depth[row] >= level && this.hasChildren(row)))
    this.showUnfolded()
  }

  // One level more or less of what shows.
  stepLevel(step) {
    const shown = this.visible.reduce((most, row) => Math.max(most, this.depth[row]), 0)
    this.foldFrom(Math.max(0, Math.min(this.deepest, shown + step)))
  }

  uncover(row) {
    const before = this.folded.size
    for (let above = this.parent[row]; above >= 0; above = this.parent[above]) this.folded.delete(above)
    if (this.folded.size !== before) this.showUnfolded()
  }

  // Where the rows below one end, as a position among those that show.
  bottomOf(row) {
    let low = 0, high = this.visible.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.visible[middle] < this.subtreeEnd[row]) low = middle + 1
      else high = middle
    }
    return low
  }

  search(text) {
    this.query = text.trim().toLowerCase()
    const searched = ["name", "model", "mark", "error"]
    const hits = searched.map(column => this.texts[column].map(said => said.toLowerCase().includes(this.query)))
    const holds = row => searched.some((column, at) => hits[at][this.columns[column][row]]) || this.ids[row] === this.query
    this.matches = this.query ? this.rowsThat(holds) : []
    this.matching = new Set(this.matches)
  }

  nextMatch(from, step) {
    const ordered = step > 0 ? this.matches : this.matches.toReversed()
    return ordered.find(row => (row - from) * step > 0) ?? ordered[0] ?? -1
  }
}

// Which entries of a column of rows are about a row.
function grouped(rows) {
  const found = new Map()
  rows.forEach((row, at) => found.has(row) ? found.get(row).push(at) : found.set(row, [at]))
  return found
}
