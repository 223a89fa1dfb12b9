// The parts of a run as a tree in depth-first order, and where each lies when one of them fills the width. Knows no pixels.

class Parts {
  constructor(data) {
    this.data = data
    this.count = data.id.length
    this.placeOf = new Map(data.id.map((id, place) => [id, place]))
    this.cancelled = new Set(data.cancelled)
    this.end = new Int32Array(this.count)
    this.end.fill(this.count)
    this.findEnds()
    this.under = -1
  }

  // Of everything below a part; parents come before their children.
  findEnds() {
    const open = [], { indent } = this.data
    for (let place = 0; place < this.count; place++) {
      while (open.length && indent[open.at(-1)] >= indent[place]) this.end[open.pop()] = place
      open.push(place)
    }
  }

  hasChildren(place) { return this.end[place] > place + 1 }
  *children(place) { for (let child = place + 1; child < this.end[place]; child = this.end[child]) yield child }
  firstChild(place) { return this.hasChildren(place) ? place + 1 : -1 }

  neighbour(place, step) {
    const parent = this.data.parent[place]
    if (parent < 0) return -1
    const siblings = [...this.children(parent)]
    return siblings[siblings.indexOf(place) + step] ?? -1
  }

  within(place) { return place >= this.under && place < this.end[this.under] }

  // From 0 to 1: children side by side from the left; what they leave of their parent is its own.
  lay(under) {
    if (this.under === under) return
    this.under = under
    const { weight, indent, parent } = this.data
    this.from = new Float64Array(this.count)
    this.to = new Float64Array(this.count)
    this.levels = []
    const reached = new Float64Array(this.count)
    for (let place = under; place < this.end[under]; place++) {
      const above = parent[place]
      if (place === under) this.to[place] = 1
      else {
        const whole = weight[above]
        const width = whole > 0 ? (this.to[above] - this.from[above]) * weight[place] / whole : 0
        this.from[place] = reached[above]
        this.to[place] = Math.min(this.to[above], reached[above] + width)
        reached[above] = this.to[place]
      }
      reached[place] = this.from[place]
      const level = indent[place] - indent[under]
      ;(this.levels[level] ??= []).push(place)
    }
  }

  // How many would be narrower than this share of the width.
  narrowerThan(share) {
    let count = 0
    for (let place = this.under; place < this.end[this.under]; place++) if (this.to[place] - this.from[place] < share) count++
    return count
  }

  levelOf(place) { return this.data.indent[place] - this.data.indent[this.under] }

  // The part of a level at a share of the width; of those too narrow to point at the nearest.
  at(level, share, slack) {
    const row = this.levels[level] ?? []
    let low = 0, high = row.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.to[row[middle]] <= share) low = middle + 1
      else high = middle
    }
    const near = place => place !== undefined && this.from[place] - slack <= share && share < this.to[place] + slack
    return [row[low], row[low - 1], row[low + 1]].find(near) ?? -1
  }

  path(place) {
    const path = []
    for (let at = place; at >= 0; at = this.data.parent[at]) path.unshift(at)
    return path
  }
}
