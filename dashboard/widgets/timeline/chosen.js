// Hands on to the timeline what the address has chosen.

const CHOSEN = "trace-timeline-chosen"

export default function ({ data }) {
  globalThis[CHOSEN] = data
  document.dispatchEvent(new CustomEvent(CHOSEN, { detail: data }))
}
