import type { Chat } from '../chats.ts'
import { escapeHtml } from './page-parts.ts'

/** A time at which a chat changed, and the number of changes. */
export interface ChatMoment {
  at: number
  sent: number
  edited: number
}

export function chatMoments(chats: readonly Chat[]): ChatMoment[] {
  const moments = new Map<number, ChatMoment>()
  for (const { revisions } of chats.flatMap(({ messages }) => messages)) {
    for (const [index, { at }] of revisions.entries()) {
      const { sent, edited } = moments.get(at) ?? { sent: 0, edited: 0 }
      moments.set(at, index === 0 ? { at, sent: sent + 1, edited } : { at, sent, edited: edited + 1 })
    }
  }
  return [...moments.values()].sort((a, b) => a.at - b.at)
}

/** A bar that steps through the moments: by slider, buttons, arrow keys or playback. Hidden until its script runs. */
export function renderStepper(moments: readonly ChatMoment[], formatMoment: (milliseconds: number) => string): string {
  const labels = moments.map(({ at, sent, edited }) => [formatMoment(at), labelOf(sent, edited)])
  const last = moments.length - 1
  // Thin enough to stay apart on a phone.
  const stroke = Math.max(0.5, Math.min(2, 170 / moments.length)).toFixed(2)
  const ticks = `${tickPath(moments, 'edit')}${tickPath(moments, 'send')}`
  const layer = (name: string) =>
    `<svg class="${name}" viewBox="0 0 ${last} 12" preserveAspectRatio="none" aria-hidden="true">${ticks}</svg>`
  return `<nav id="stepper" aria-label="Step through time" data-moments="${escapeHtml(JSON.stringify(labels))}" style="--stroke: ${stroke}" hidden>
<button class="play" type="button" aria-label="Play"><svg viewBox="0 0 24 24"><path class="start" d="M8 5.2v13.6L19 12z"/><path class="stop" d="M7 5h3.6v14H7zM13.4 5H17v14h-3.6z"/></svg></button>
<div class="middle">
<p><time></time><span class="what"></span><span class="place"></span></p>
<div class="track">${layer('later')}${layer('earlier')}<input type="range" min="0" max="${last}" step="1" value="${last}" aria-label="ChatMoment"></div>
</div>
<button class="previous" type="button" aria-label="Previous"><svg viewBox="0 0 24 24"><path d="M14.5 6 8.5 12l6 6"/></svg></button>
<button class="next" type="button" aria-label="Next"><svg viewBox="0 0 24 24"><path d="M9.5 6l6 6-6 6"/></svg></button>
</nav>
`
}

function labelOf(sent: number, edited: number): string {
  return [sent > 0 && `${sent} new`, edited > 0 && `${edited} edited`].filter(Boolean).join(', ')
}

/** Tall strokes for sent messages, short ones for edits. */
function tickPath(moments: readonly ChatMoment[], kind: 'send' | 'edit'): string {
  const marks = moments.map(({ sent }, step) =>
    sent > 0 === (kind === 'send') ? `M${step} 12V${sent > 0 ? 1 : 7}` : '',
  )
  return `<path class="${kind}" d="${marks.join('')}"/>`
}

export const stepperStyle = `
[hidden] { display: none !important } body.stepping .messages { padding-bottom: 96px } article { scroll-margin: 76px 0 104px }
#stepper { position: fixed; z-index: 3; left: 50%; bottom: max(10px, env(safe-area-inset-bottom)); translate: -50%; width: min(calc(100% - 20px), 460px);
  display: flex; align-items: center; gap: 4px; padding: 9px 8px 9px 10px; border-radius: 18px; background: light-dark(#fff, #1c2836);
  box-shadow: 0 0 0 .5px light-dark(#00000017, #ffffff1c), 0 6px 24px light-dark(#00000033, #00000080) }
#stepper button { flex: none; width: 32px; height: 40px; padding: 0; border: 0; border-radius: 12px; background: none; color: var(--accent); cursor: pointer }
#stepper button:hover { background: var(--tint) } #stepper button:disabled { color: var(--faint); opacity: .5; background: none; cursor: default }
#stepper button svg { width: 24px; height: 24px; display: block; margin: auto; fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round }
#stepper .play { width: 40px; border-radius: 50%; color: #fff; background: var(--accent) } #stepper .play:hover { background: var(--accent); filter: brightness(1.08) }
#stepper .play svg { fill: currentColor; stroke-width: 0 } #stepper .stop, #stepper.playing .start { display: none } #stepper.playing .stop { display: inline }
#stepper .middle { flex: 1; min-width: 0; padding: 0 6px 0 8px } #stepper p { display: flex; align-items: baseline; gap: 8px; font-size: 13px; white-space: nowrap }
#stepper time { font-weight: 600; font-variant-numeric: tabular-nums } #stepper .what { overflow: hidden; text-overflow: ellipsis; color: var(--faint) }
#stepper .place { margin-left: auto; font-size: 12px; font-variant-numeric: tabular-nums; color: var(--faint) }
.track { position: relative; height: 27px } .track svg { position: absolute; left: 7px; width: calc(100% - 14px); height: 11px; top: 2px; overflow: visible }
.track path { fill: none; stroke: var(--faint); stroke-width: var(--stroke); vector-effect: non-scaling-stroke; opacity: .45 } .track .send { opacity: .8 }
.track .earlier { clip-path: inset(-1px calc(100% - var(--at) * 100% - 1.5px) -1px -3px) } .track .earlier path { stroke: var(--accent); opacity: .55 } .track .earlier .send { opacity: 1 }
.track input { position: absolute; left: 0; bottom: 0; width: 100%; height: 16px; margin: 0; appearance: none; background: none; cursor: pointer; outline-offset: 3px; border-radius: 8px }
.track input::-webkit-slider-runnable-track { height: 3px; border-radius: 2px; background: linear-gradient(90deg, var(--accent) calc(7px + var(--at) * (100% - 14px)), light-dark(#0000001f, #ffffff29) 0) }
.track input::-moz-range-track { height: 3px; border-radius: 2px; background: light-dark(#0000001f, #ffffff29) } .track input::-moz-range-progress { height: 3px; border-radius: 2px; background: var(--accent) }
.track input::-webkit-slider-thumb { appearance: none; width: 14px; height: 14px; margin-top: -5.5px; border-radius: 50%; background: var(--accent); box-shadow: 0 0 0 2px var(--bar) }
.track input::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%; background: var(--accent); box-shadow: 0 0 0 2px var(--bar) }
@media print { #stepper { display: none } }
`

export const stepperScript = `
{
  const stepper = document.getElementById('stepper')
  const part = (selector) => stepper.querySelector(selector)
  const [play, previous, next, slider] = ['.play', '.previous', '.next', 'input'].map(part)
  const moments = JSON.parse(stepper.dataset.moments)
  const end = moments.length - 1
  const messages = [...document.querySelectorAll('article')].map((article) => {
    const before = article.previousElementSibling
    const columns = [...article.querySelectorAll('template')].map(({ content }) => content.firstElementChild)
    columns.push(article.querySelector('.column'))
    const revisions = columns.map((column) => ({ step: Number(column.dataset.step), column }))
    return { article, revisions, day: before?.matches('.day') ? before : undefined, chat: article.closest('.chat') }
  })
  let now = end
  let timer

  const show = (step) => {
    now = Math.max(0, Math.min(end, step))
    const counts = new Map(messages.map(({ chat }) => [chat, 0]))
    let changed
    for (const { article, revisions, day, chat } of messages) {
      const revision = revisions.findLast(({ step }) => step <= now)
      article.hidden = !revision
      if (day) day.hidden = !revision
      if (!revision) continue
      counts.set(chat, counts.get(chat) + 1)
      const column = article.querySelector('.column')
      if (column !== revision.column) column.replaceWith(revision.column)
      const isNow = revision.step === now
      article.classList.toggle('arriving', isNow && revision === revisions[0])
      article.classList.toggle('changed', isNow && revision !== revisions[0])
      if (isNow) changed = article
    }
    for (const [chat, count] of counts) chat.querySelector('.count').textContent = count + (count === 1 ? ' message' : ' messages')
    const [time, what] = moments[now]
    part('time').textContent = time
    part('.what').textContent = what
    part('.place').textContent = now + 1 + ' / ' + moments.length
    slider.value = now
    slider.setAttribute('aria-valuetext', time + ', ' + what)
    stepper.style.setProperty('--at', now / end)
    previous.disabled = now === 0
    next.disabled = now === end
    return changed
  }
  const go = (step) => show(step)?.scrollIntoView({ block: 'nearest', behavior: timer ? 'smooth' : 'instant' })
  const stop = () => {
    clearInterval(timer)
    timer = undefined
    stepper.classList.remove('playing')
    play.setAttribute('aria-label', 'Play')
  }
  const start = () => {
    stepper.classList.add('playing')
    play.setAttribute('aria-label', 'Pause')
    // Playback takes at most half a minute.
    timer = setInterval(() => (now === end ? stop() : go(now + 1)), Math.max(60, Math.min(800, 30_000 / moments.length)))
    go(now === end ? 0 : now)
  }
  const step = (to) => (stop(), go(to))
  play.onclick = () => (timer ? stop() : start())
  previous.onclick = () => step(now - 1)
  next.onclick = () => step(now + 1)
  slider.oninput = () => step(slider.valueAsNumber)
  document.onkeydown = (event) => {
    const keys = { ArrowLeft: () => step(now - 1), ArrowRight: () => step(now + 1), Home: () => step(0), End: () => step(end), ' ': play.onclick }
    const isTaken = event.altKey || event.ctrlKey || event.metaKey || (event.key === ' ' && event.target.closest('button, a'))
    if (isTaken || !keys[event.key]) return
    event.preventDefault()
    keys[event.key]()
  }
  const open = () => {
    const given = /^#step=(\\d+)$/.exec(location.hash)
    if (given) step(given[1] - 1)
  }
  addEventListener('hashchange', open)
  stepper.hidden = false
  document.body.classList.add('stepping')
  show(end)
  open()
}
`
