// Draws the rows that are in sight. Parts narrower than a pixel are drawn as one block, so that a frame stays cheap.

const ROW = 30, NARROW = 1.5, LABELLED = 30, LIMIT = "#D9930D"

function themeOf(element) {
  const style = getComputedStyle(element)
  const read = name => style.getPropertyValue(`--st-${name}`).trim()
  return {
    text: read("text-color"), background: read("background-color"), surface: read("secondary-background-color"),
    border: read("border-color"), primary: read("primary-color"), red: read("red-color"), font: read("font"),
  }
}

function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16))
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#10131a" : "#ffffff"
}

function clippedText(context, text, width) {
  if (context.measureText(text).width <= width) return text
  let kept = 0
  for (let step = 1 << Math.floor(Math.log2(text.length || 1)); step >= 1; step >>= 1)
    if (kept + step < text.length && context.measureText(text.slice(0, kept + step) + "…").width <= width) kept += step
  return kept ? text.slice(0, kept) + "…" : ""
}

class Painter {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d")
  }

  resize() {
    const ratio = devicePixelRatio || 1, width = this.canvas.clientWidth, height = this.canvas.clientHeight
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio)
      this.canvas.height = Math.round(height * ratio)
    }
    Object.assign(this, { width, height })
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    return width > 0 && height > 0
  }

  paint({ parts, theme, scroll, selected, hovered }) {
    Object.assign(this, { parts, theme, scroll, selected, hovered })
    const { context } = this
    context.textBaseline = "middle"
    context.fillStyle = theme.background
    context.fillRect(0, 0, this.width, this.height)
    const first = Math.floor(scroll / ROW), last = Math.ceil((scroll + this.height) / ROW)
    for (let level = first; level < Math.min(last, parts.levels.length); level++) this.row(level)
  }

  row(level) {
    const y = level * ROW - this.scroll
    let block = null
    for (const place of this.parts.levels[level]) {
      const left = this.parts.from[place] * this.width, right = this.parts.to[place] * this.width
      if (right - left >= NARROW) {
        this.part(place, left, right, y)
        block = this.end(block, y)
      } else if (block && left <= block.right + 1) this.grow(block, place, right)
      else {
        this.end(block, y)
        block = { left, right, failed: false }
        this.grow(block, place, right)
      }
    }
    this.end(block, y)
  }

  grow(block, place, right) {
    const { error, errors } = this.parts.data
    block.right = Math.max(block.right, right)
    block.failed ||= Boolean(error[place] || errors[place])
  }

  end(block, y) {
    if (!block) return null
    const { context } = this, width = Math.max(1, block.right - block.left)
    Object.assign(context, { fillStyle: this.theme.text, globalAlpha: 0.35 })
    context.fillRect(block.left, y + 4, width, ROW - 9)
    context.globalAlpha = 1
    if (block.failed) this.bar(block.left, y + ROW - 5, width, 3, this.theme.red)
    return null
  }

  bar(x, y, width, height, colour) {
    this.context.fillStyle = colour
    this.context.fillRect(x, y, width, height)
  }

  part(place, left, right, y) {
    const { context, theme, parts } = this, { data } = parts
    const colour = data.colours[data.colour[place]], width = Math.max(1, right - left - 1), faded = parts.cancelled.has(place)
    context.globalAlpha = faded ? 0.3 : 1
    this.box(left, y + 1, width, ROW - 3, colour)
    context.globalAlpha = 1
    if (data.unknown[place]) this.hatch(left, y + 1, width, ROW - 3)
    if (data.limit[place]) this.bar(left, y + 1, Math.min(5, width / 3), ROW - 3, LIMIT)
    if (data.errors[place]) this.bar(left, y + ROW - 5, width, 3, theme.red)
    if (data.error[place]) this.outline(left + 1, y + 2, width - 2, ROW - 5, theme.red, 2)
    if (faded) this.outline(left + 0.5, y + 1.5, width - 1, ROW - 4, theme.text, 1, [4, 3])
    if (place === this.selected) this.outline(left + 1.5, y + 2.5, width - 3, ROW - 6, theme.background, 1)
    if (place === this.selected || place === this.hovered)
      this.outline(left, y + 1, width, ROW - 3, place === this.selected ? theme.primary : theme.text, place === this.selected ? 3 : 1.5)
    if (width > LABELLED) this.label(place, left, width, y, faded ? theme.text : inkOn(colour))
  }

  box(x, y, width, height, colour) {
    this.context.fillStyle = colour
    this.context.beginPath()
    this.context.roundRect(x, y, width, height, Math.min(3, width / 2))
    this.context.fill()
  }

  outline(x, y, width, height, colour, lineWidth, dash = []) {
    const { context } = this
    if (width <= 0) return
    Object.assign(context, { strokeStyle: colour, lineWidth })
    context.setLineDash(dash)
    context.strokeRect(x, y, width, height)
    context.setLineDash([])
  }

  hatch(x, y, width, height) {
    const { context, theme } = this
    context.save()
    context.beginPath()
    context.rect(x, y, width, height)
    context.clip()
    Object.assign(context, { fillStyle: theme.background, globalAlpha: 0.72 })
    context.fillRect(x, y, width, height)
    Object.assign(context, { strokeStyle: theme.text, lineWidth: 1, globalAlpha: 0.6 })
    context.beginPath()
    for (let start = x - height; start < x + width; start += 7) {
      context.moveTo(start, y + height)
      context.lineTo(start + height, y)
    }
    context.stroke()
    context.restore()
  }

  label(place, left, width, y, ink) {
    const { context, theme } = this, { data } = this.parts, middle = y + ROW / 2 - 0.5
    const start = left + (data.limit[place] ? 11 : 7), room = left + width - 6 - start
    if (room < 12) return
    const name = `${data.error[place] ? "⚠ " : ""}${data.name[place]}`, hatched = data.unknown[place]
    context.font = `${data.call[place] ? 400 : 600} 12.5px ${theme.font}`
    const shown = clippedText(context, name, room), after = context.measureText(shown).width
    context.font = `400 12px ${theme.font}`
    const detail = shown === name ? clippedText(context, data.text[place], room - after - 9) : ""
    if (hatched) this.plate(start - 3, y + 6, after + (detail ? context.measureText(detail).width + 15 : 6), ROW - 13)
    Object.assign(context, { fillStyle: hatched ? theme.text : ink, globalAlpha: detail ? 0.85 : 1 })
    if (detail) context.fillText(detail, start + after + 9, middle)
    context.globalAlpha = 1
    context.font = `${data.call[place] ? 400 : 600} 12.5px ${theme.font}`
    context.fillText(shown, start, middle)
  }

  plate(x, y, width, height) {
    Object.assign(this.context, { fillStyle: this.theme.background, globalAlpha: 0.85 })
    this.context.fillRect(x, y, width, height)
    this.context.globalAlpha = 1
  }
}
