// Streamlit calls this for each new content or theme. What is chosen comes apart from it, by a component of its own,
// so that a choice does not send all spans again.

const timelines = new WeakMap(), CHOSEN = "trace-timeline-chosen"

export default function ({ data, parentElement, setTriggerValue }) {
  if (!timelines.has(parentElement)) {
    const made = new Timeline(parentElement)
    const follow = event => made.follow(event.detail)
    document.addEventListener(CHOSEN, follow)
    timelines.set(parentElement, { made, follow })
  }
  const { made, follow } = timelines.get(parentElement)
  made.update(data, setTriggerValue)
  if (globalThis[CHOSEN]) made.follow(globalThis[CHOSEN])
  return () => {
    document.removeEventListener(CHOSEN, follow)
    made.destroy()
    timelines.delete(parentElement)
  }
}
