// From milliseconds of the trace to what is shown of them: the same, unless the reader has idle time compressed.

const LEAST_IDLE = 0.05, OFFERED_FROM = 0.5, COMPRESSED = 0.05

class Clock {
  constructor(tree) {
    this.tree = tree
    this.idle = idleTimes(tree)
    this.idleShare = this.idle.reduce((sum, [from, to]) => sum + to - from, 0) / tree.total
    this.isCompressed = false
  }

  get isOffered() { return this.idleShare >= OFFERED_FROM && !this.tree.open.length }
  get kept() { return this.tree.total * (1 - this.idleShare) * COMPRESSED + 0.001 }  // of each idle time
  get total() { return this.isCompressed ? this.shown(this.tree.total) : this.tree.total }

  shown(ms) {
    if (!this.isCompressed) return ms
    let less = 0
    for (const [from, to] of this.idle) {
      if (ms >= to) less += to - from - this.kept
      else return ms <= from ? ms - less : from - less + (ms - from) / (to - from) * this.kept
    }
    return ms - less
  }

  real(shown) {
    if (!this.isCompressed) return shown
    let less = 0
    for (const [from, to] of this.idle) {
      const at = from - less
      if (shown < at) return shown + less
      if (shown < at + this.kept) return from + (shown - at) / this.kept * (to - from)
      less += to - from - this.kept
    }
    return shown + less
  }

  isIdle(ms) { return this.isCompressed && this.idle.some(([from, to]) => ms > from && ms < to) }
}

// Stretches without any span that has nothing below it; containers alone only wait.
function idleTimes(tree) {
  const leaves = tree.rowsThat(row => !tree.hasChildren(row)).sort((a, b) => tree.start[a] - tree.start[b])
  const found = [], least = tree.total * LEAST_IDLE
  let reached = 0
  for (const row of [...leaves, -1]) {
    const start = row < 0 ? tree.total : tree.start[row]
    if (start - reached >= least) found.push([reached, start])
    if (row >= 0) reached = Math.max(reached, tree.ends[row])
  }
  return found
}

// The stretch on screen, as the clock shows time.
class TimeWindow {
  constructor(clock) { this.clock = clock; this.reset() }
  get total() { return this.clock.total }
  get width() { return this.to - this.from }
  get zoomed() { return this.width < this.total * 0.9999 }
  reset() { this.from = 0; this.to = this.total }

  show(from, to) {
    const width = Math.min(this.total, Math.max(to - from, this.total * 1e-6))
    this.from = Math.max(0, Math.min(this.total - width, from))
    this.to = this.from + width
  }

  zoom(factor, at = (this.from + this.to) / 2) { this.show(at - (at - this.from) * factor, at + (this.to - at) * factor) }
  move(by) { this.show(this.from + by, this.to + by) }

  fit(startMs, endMs) {
    const start = this.clock.shown(startMs), end = this.clock.shown(endMs), margin = (end - start) * 0.08
    this.show(start - margin, end + margin)
  }

  // Zoom stays; only what is out of sight is brought in.
  bringIn(startMs, endMs) {
    const start = this.clock.shown(startMs), end = this.clock.shown(endMs)
    if (end < this.from || start > this.to) this.move((start + Math.min(end, start + this.width)) / 2 - (this.from + this.to) / 2)
  }
}
