// Hands on to the icicle what the address has chosen.

const CHOSEN = "recursion-icicle-chosen"

export default function ({ data }) {
  globalThis[CHOSEN] = data
  document.dispatchEvent(new CustomEvent(CHOSEN, { detail: data }))
}
