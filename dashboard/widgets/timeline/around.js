// What stands around the canvas: the tooltip, the legend, and where in the tree the rows on screen are.

const MOST_IN_LEGEND = 10, WIDE = 1000, NEAREST = 3, QUIET = ["#64748B", "#94A3B8"]

// Colours of what is no call; in a legend they come last.
function isQuiet(colour) { return QUIET.includes(colour) }

function element(kind, text, name = "") {
  return Object.assign(document.createElement(kind), { textContent: text, className: name })
}

Object.assign(Timeline.prototype, {
  showTooltip(row, x, y) {
    const { tree } = this, said = column => tree.text(column, row), share = tree.columns.timeShare[row]
    const cost = tree.columns.costShare[row], part = (tree.end(row) - tree.start[row]) / tree.total * 100
    const lines = [
      said("model"),
      tree.is(row, OPEN) ? "Still open: what has ended below it is drawn"
        : `${said("duration")} · ${part.toFixed(part < 10 ? 1 : 0)} % of the trace${share === NOT_KNOWN ? "" : ` · ${share} % of the span above`}`,
      `${tree.is(row, OPEN) ? "" : `${said("self")} its own · `}starts at ${momentLabel(tree.start[row])}`,
      said("cost") && `Cost ${said("cost")}${tree.is(row, CALL) ? "" : " underneath"}${cost === NOT_KNOWN ? "" : ` · ${cost} % of the span above`}`,
      said("mark"), said("note"),
    ].filter(Boolean).map(text => element("div", text))
    if (said("error")) lines.push(element("div", said("error"), "error"))
    this.tooltip.replaceChildren(element("b", said("name")), ...lines)
    this.tooltip.style.display = "block"
    const below = y + 28 + this.tooltip.offsetHeight < this.canvas.clientHeight
    this.tooltip.style.left = `${Math.max(0, Math.min(x + 16, this.canvas.clientWidth - 284))}px`
    this.tooltip.style.top = `${below ? y + 18 : Math.max(0, y - 12 - this.tooltip.offsetHeight)}px`
  },

  hideTooltip() { this.tooltip.style.display = "none" },

  drawLegend() {
    const entries = this.tree.legend[this.colouring].filter(([, , count]) => count)
      .sort(([, one], [, other]) => isQuiet(one) - isQuiet(other))
    const isNarrow = this.legend.clientWidth < WIDE, most = isNarrow ? MOST_IN_LEGEND / 2 : MOST_IN_LEGEND
    const shown = entries.slice(0, most), others = entries.slice(most)
    const drawn = (entry, stripe) => {
      const made = element("span", "", "entry"), mark = element("i", "", stripe ? "stripe" : "swatch")
      mark.style.background = entry[1]
      made.append(mark, element("span", entry[0]))
      made.title = `${entry[0]}: ${entry[2].toLocaleString("en")} span${entry[2] === 1 ? "" : "s"}`
      return made
    }
    const parts = shown.map(entry => drawn(entry, false))
    if (others.length) {
      const more = element("span", `+${others.length} more`, "entry more")
      more.title = others.map(([what]) => what).join("\n")
      parts.push(more)
    }
    if (this.colouring !== "role") {
      const roles = this.tree.legend.role.filter(([, colour, count]) => count && !isQuiet(colour))
      if (roles.length) parts.push(element("span", "Stripe:", "entry lead"), ...roles.slice(0, isNarrow ? 3 : 6).map(entry => drawn(entry, true)))
    }
    this.legend.replaceChildren(...parts)
  },

  // The ancestors of the first row on screen that have been scrolled away; of a long line its ends.
  drawCrumbs() {
    const { tree } = this, first = tree.visible[Math.ceil(this.scroll / ROW)] ?? -1
    const above = first >= 0 && this.scroll >= ROW / 2 ? tree.parent[first] : -1
    if (above === this.crumbsOf && this.crumbs.childElementCount) return
    this.crumbsOf = above
    this.crumbs.hidden = above < 0
    if (above < 0) return
    const line = []
    for (let row = above; row >= 0; row = tree.parent[row]) line.unshift(row)
    const left = line.length - NEAREST - 1
    const parts = left > 0 ? [line[0], left, ...line.slice(-NEAREST)] : line
    this.crumbs.replaceChildren(...parts.map((row, at) => left > 0 && at === 1
      ? element("span", `… ${left.toLocaleString("en")} more …`, "between") : this.crumb(row)))
  },

  crumb(row) {
    const made = element("button", this.tree.text("name", row))
    Object.assign(made, { type: "button", title: `Go to ${this.tree.text("name", row)}`, onclick: () => this.select(row) })
    return made
  },
})
