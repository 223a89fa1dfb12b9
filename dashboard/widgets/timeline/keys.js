// The keys: every part of the timeline without a mouse.

Object.assign(Timeline.prototype, {
  key(event) {
    event.stopPropagation()  // Streamlit has hot keys of its own on the page
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const actions = this.actions(), action = Object.hasOwn(actions, event.key) ? actions[event.key] : null
    if (!action) return
    event.preventDefault()
    this.hideTooltip()
    action()
    this.draw()
  },

  actions() {
    const { tree, time, selected } = this, at = selected < 0 ? -1 : tree.position[selected]
    const go = position => this.select(tree.visible[Math.max(0, Math.min(tree.visible.length - 1, position))], KEYBOARD_PAUSE)
    return {
      ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), Home: () => go(0), End: () => go(tree.count),
      PageDown: () => go(at + 10), PageUp: () => go(at - 10),
      ArrowLeft: () => this.foldOrLeave(), ArrowRight: () => this.unfoldOrEnter(),
      w: () => time.zoom(0.7), "+": () => time.zoom(0.7), s: () => time.zoom(1.4), "-": () => time.zoom(1.4),
      a: () => time.move(-time.width / 5), d: () => time.move(time.width / 5),
      f: () => selected >= 0 && time.fit(tree.start[selected], tree.end(selected)),
      Escape: () => time.reset(), 0: () => time.reset(),
      "]": () => tree.unfoldAll(), "[": () => tree.foldAll(), p: () => tree.stepLevel(1), o: () => tree.stepLevel(-1),
      x: () => this.find(".critical").click(), n: () => this.nextMatch(1), N: () => this.nextMatch(-1),
      "/": () => this.searchBox.focus(), "?": () => this.help.showModal(),
    }
  },

  foldOrLeave() {
    const { tree, selected } = this
    if (tree.hasChildren(selected) && !tree.folded.has(selected)) tree.fold(selected)
    else if (tree.parent[selected] >= 0) this.select(tree.parent[selected], KEYBOARD_PAUSE)
  },

  unfoldOrEnter() {
    const { tree, selected } = this
    if (tree.folded.has(selected)) tree.unfold(selected)
    else if (tree.hasChildren(selected)) this.select(selected + 1, KEYBOARD_PAUSE)
  },

  searchKey(event) {
    event.stopPropagation()
    if (event.key === "Enter") this.nextMatch(event.shiftKey ? -1 : 1)
    else if (event.key === "Escape") {
      this.searchBox.value = ""
      this.search("")
      this.canvas.focus()
    }
  },
})
