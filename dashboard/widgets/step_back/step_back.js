const stepped = new WeakSet()

export default function ({ data, parentElement }) {
  if (stepped.has(parentElement)) return
  stepped.add(parentElement)
  history.replaceState(history.state, "", data.forward)
  history.back()
}
