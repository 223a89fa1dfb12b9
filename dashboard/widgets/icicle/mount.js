// Streamlit calls this for each new content or theme. What is chosen comes apart from it, by a component of its own, so
// that a choice does not send all parts again.

const icicles = new WeakMap(), CHOSEN = "recursion-icicle-chosen"

export default function ({ data, parentElement, setTriggerValue }) {
  if (!icicles.has(parentElement)) {
    const made = new Icicle(parentElement)
    const follow = event => made.follow(event.detail)
    document.addEventListener(CHOSEN, follow)
    icicles.set(parentElement, { made, follow })
  }
  const { made, follow } = icicles.get(parentElement)
  made.update(data, setTriggerValue)
  if (globalThis[CHOSEN]) made.follow(globalThis[CHOSEN])
  return () => {
    document.removeEventListener(CHOSEN, follow)
    made.destroy()
    icicles.delete(parentElement)
  }
}
