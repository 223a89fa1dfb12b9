// Strokes, boxes, text and signs on a canvas, without any idea of spans.

class Pen {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d", { alpha: false })
    this.patterns = new Map()
  }

  font(size, weight = 400) { this.context.font = `${weight} ${size}px ${this.theme.font}` }

  text(text, x, y, colour = this.theme.text, alpha = 1, align = "left") {
    const before = this.context.globalAlpha
    Object.assign(this.context, { fillStyle: colour, globalAlpha: before * alpha, textAlign: align })
    this.context.fillText(text, x, y)
    Object.assign(this.context, { globalAlpha: before, textAlign: "left" })
  }

  box(x, y, width, height, colour, alpha = 1) {
    const before = this.context.globalAlpha
    Object.assign(this.context, { fillStyle: colour, globalAlpha: before * alpha })
    this.context.fillRect(x, y, width, height)
    this.context.globalAlpha = before
  }

  clip(x, y, width, height, draw) {
    this.context.save()
    this.context.beginPath()
    this.context.rect(x, y, width, height)
    this.context.clip()
    draw()
    this.context.restore()
  }

  // Slanting lines: time that was only waited.
  hatch(x, y, width, height, colour, alpha = 1) {
    const before = this.context.globalAlpha
    this.context.globalAlpha = before * alpha
    this.context.fillStyle = this.pattern(colour)
    this.context.fillRect(x, y, width, height)
    this.context.globalAlpha = before
  }

  pattern(colour) {
    if (!this.patterns.has(colour)) {
      const tile = Object.assign(document.createElement("canvas"), { width: 6, height: 6 }), context = tile.getContext("2d")
      Object.assign(context, { strokeStyle: colour, lineWidth: 1.6 })
      context.beginPath()
      for (const at of [-6, 0, 6]) { context.moveTo(at - 1, 7); context.lineTo(at + 7, -1) }
      context.stroke()
      this.patterns.set(colour, this.context.createPattern(tile, "repeat"))
    }
    return this.patterns.get(colour)
  }

  caret(x, middle, folded) {
    const points = folded ? [[0, -4], [4, 0], [0, 4]] : [[-2, -2], [2, 2], [6, -2]]
    this.stroke(points.map(([dx, dy]) => [x + dx, middle + dy]), this.theme.text, 1.5)
  }

  stroke(points, colour, width) {
    const { context } = this
    Object.assign(context, { strokeStyle: colour, lineWidth: width })
    context.beginPath()
    points.forEach(([x, y], at) => at ? context.lineTo(x, y) : context.moveTo(x, y))
    context.stroke()
  }

  disc(x, y, radius, colour, filled) {
    const { context } = this
    Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth: 1.5 })
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    if (filled) context.fill()
    else context.stroke()
  }

  // A cross on a disc failed, a barred ring was not wanted any more, a turned arrow is a try again, two bars a hedge.
  sign(kind, x, y) {
    const { red, text, amber, background } = this.theme
    if (kind === ERROR) {
      this.disc(x, y, 6, red, true)
      for (const slope of [1, -1]) this.stroke([[x - 2.5, y - 2.5 * slope], [x + 2.5, y + 2.5 * slope]], background, 1.6)
    } else if (kind === UNWANTED) {
      this.disc(x, y, 5, text, false)
      this.stroke([[x - 3.5, y + 3.5], [x + 3.5, y - 3.5]], text, 1.5)
    } else if (kind === RETRY) {
      Object.assign(this.context, { strokeStyle: amber, lineWidth: 1.8 })
      this.context.beginPath()
      this.context.arc(x, y, 4.5, -0.2 * Math.PI, 1.4 * Math.PI)
      this.context.stroke()
      this.stroke([[x + 0.2, y - 2.2], [x + 4.4, y - 2.6], [x + 3.4, y - 6.8]], amber, 1.8)
    } else if (kind === HEDGE) {
      for (const dy of [-2.5, 2.5]) this.stroke([[x - 5, y + dy], [x + 5, y + dy]], amber, 2)
    }
  }
}
