// A click on the menu's entry for the page that is open: Streamlit draws the page again and leaves its address as it is.

const listeners = new WeakMap()

export default function ({ parentElement, setTriggerValue }) {
  listeners.get(parentElement)?.()
  const clicked = event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    if (!event.target.closest?.('[data-testid="stSidebarNavLink"][aria-current="page"]')) return
    event.preventDefault()
    event.stopPropagation()
    setTriggerValue("left", true)
  }
  document.addEventListener("click", clicked, true)
  const stop = () => document.removeEventListener("click", clicked, true)
  listeners.set(parentElement, stop)
  return stop
}
