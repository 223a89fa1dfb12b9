// Colours of the theme, widths of the columns, steps of the ruler: what drawing needs to know beforehand.

const ROW = 24, MINIMAP = 44, RULER = 24, HEADER = MINIMAP + RULER
const INDENT = 14, MOST_INDENT = 12, LEAST_NAME = 150
const LABEL_ROOM = 62, MARK_ROOM = 44  // right of the last moment, so that the longest bars have their label beside them
const SEEN = 3  // pixels under which a stretch is only a mark
const HOT = 75, WARM = 50  // percent of what the span above took

function themeOf(element) {
  const style = getComputedStyle(element)
  const read = name => style.getPropertyValue(`--st-${name}`).trim()
  const background = read("background-color"), isDark = inkOn(background) === "#ffffff"
  return {
    text: read("text-color"), background, surface: read("secondary-background-color"), isDark,
    border: read("border-color"), primary: read("primary-color"), font: read("font"),
    red: isDark ? "#FF6B70" : "#C4282D", amber: isDark ? "#E8B449" : "#946200",
  }
}

function columnsFor(width) {
  const cost = width < 720 ? 0 : 82, time = width < 1100 ? 0 : 74
  const name = Math.round(Math.min(420, Math.max(150, width * 0.27)))
  const indent = Math.max(3, Math.min(MOST_INDENT, Math.floor((name - LEAST_NAME) / INDENT)))
  return { name, time, cost, indent, bars: name + time + cost }
}

const inks = new Map()

function inkOn(colour) {
  if (!inks.has(colour)) {
    const [red, green, blue] = /^#[0-9a-f]{6}/i.test(colour)
      ? [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16)) : (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number)
    inks.set(colour, red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#10131a" : "#ffffff")
  }
  return inks.get(colour)
}

function clippedText(context, text, width) {
  if (!text || context.measureText(text).width <= width) return text
  let kept = 0
  for (let step = 1 << Math.floor(Math.log2(text.length)); step >= 1; step >>= 1)
    if (kept + step < text.length && context.measureText(text.slice(0, kept + step) + "…").width <= width) kept += step
  return kept ? text.slice(0, kept) + "…" : ""
}

// Steps a reader can count in: 1, 2, 5 and their tens; from 15 s up the steps of a clock.
function tickStep(least) {
  if (least > 10_000) {
    const clock = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600].find(seconds => seconds * 1000 >= least)
    if (clock) return clock * 1000
  }
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].find(factor => factor * power >= least) * power
}

function tickLabel(ms, step) {
  if (ms === 0) return "0"
  const decimals = unit => Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9))
  if (ms < 1000 && step < 1000) return `${ms.toFixed(decimals(1))} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(decimals(1000))} s`
  if (ms >= 3_600_000 && step >= 60_000) return `${Math.floor(ms / 3_600_000)} h ${String(Math.floor(ms / 60_000) % 60).padStart(2, "0")} m`
  const seconds = ms % 60_000 / 1000, digits = decimals(1000)
  return `${Math.floor(ms / 60_000)} m ${seconds.toFixed(digits).padStart(digits ? digits + 3 : 2, "0")} s`
}

// A moment as exact as it takes to tell a hundredth of itself.
const momentLabel = ms => tickLabel(ms, Math.max(0.1, ms / 1000))
