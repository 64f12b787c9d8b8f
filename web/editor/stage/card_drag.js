/**
 * Dragging the cards of the strip: by mouse at once, by touch after a long press, since a stroke
 * scrolls the strip.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

const DRAG_PIXELS = 6;
const STILL_PIXELS = 10; // a finger that rests moves a little
const LONG_PRESS = 350; // milliseconds
const [EDGE, SCROLL] = [28, 6]; // pixels: near an end of the strip, it scrolls so much a frame

/**
 * @param {Element} list the strip
 * @param {(id: string, to: number) => void} drop a card was dropped at a place counted from 0
 * @returns {(down: PointerEvent, card: Element, id: string) => void} for a pointer on a card
 */
export function createCardDrag(list, drop) {
  let dragged = null; // it may leave the page while it is dragged: the node is deleted, say
  // A stroke that scrolls would end the drag, and a long press opens the browser's menu.
  for (const kind of ["touchmove", "contextmenu"]) {
    const hold = (event) => dragged?.isConnected && event.preventDefault();
    list.addEventListener(kind, hold, { passive: false });
  }

  return (down, card, id) => {
    if (down.button !== 0 || dragged?.isConnected) return;
    if (down.pointerType === "touch") afterLongPress(down, card, () => follow(down, card, id));
    else follow(down, card, id);
  };

  /** A card follows the hand; where it is dropped is where its middle is. */
  function follow(down, card, id) {
    const scale = card.getBoundingClientRect().width / card.offsetWidth || 1;
    const [began, most] = [list.scrollLeft, list.scrollWidth - list.clientWidth];
    let at = down.clientX;
    card.setPointerCapture(down.pointerId); // a fast hand has left the card at its first move
    const take = () => {
      dragged = card;
      card.classList.add("dragged");
      requestAnimationFrame(scroll);
    };
    const place = () => {
      card.style.translate = `${(at - down.clientX) / scale + list.scrollLeft - began}px`;
    };
    const scroll = () => {
      if (dragged !== card || !card.isConnected) return;
      list.scrollLeft = Math.min(list.scrollLeft + scrolledAt(list, at), most);
      place();
      requestAnimationFrame(scroll);
    };
    listen(down, card, {
      move(event) {
        at = event.clientX;
        if (dragged !== card && Math.abs(at - down.clientX) >= DRAG_PIXELS) take();
        if (dragged === card) place();
      },
      end(event) {
        const isDropped = dragged === card && event.type === "pointerup";
        const middle = centre(card);
        const others = [...list.children].filter((other) => other !== card);
        dragged = null;
        card.style.translate = "";
        card.classList.remove("dragged");
        if (isDropped) drop(id, others.filter((other) => centre(other) < middle).length);
      },
    });
    if (down.pointerType === "touch") take();
  }
}

/** Call `then` when a finger has rested on a card. */
function afterLongPress(down, card, then) {
  const stop = listen(down, card, {
    move({ clientX, clientY }) {
      const by = Math.hypot(clientX - down.clientX, clientY - down.clientY);
      if (by > STILL_PIXELS) stop();
    },
    end: () => clearTimeout(timer),
  });
  const timer = setTimeout(() => {
    stop();
    then();
  }, LONG_PRESS);
}

/** Hear of one pointer until it ends, or until the function that is returned is called. */
function listen(down, card, { move, end }) {
  const mine = (then) => (event) => event.pointerId === down.pointerId && then(event);
  const onMove = mine(move);
  const onEnd = mine((event) => stop(event));
  const kinds = ["pointerup", "pointercancel"];
  const stop = (event) => {
    card.removeEventListener("pointermove", onMove);
    for (const kind of kinds) card.removeEventListener(kind, onEnd);
    end(event);
  };
  card.addEventListener("pointermove", onMove);
  for (const kind of kinds) card.addEventListener(kind, onEnd);
  return stop;
}

function scrolledAt(list, at) {
  const { left, right } = list.getBoundingClientRect();
  if (at < left + EDGE) return -SCROLL;
  return at > right - EDGE ? SCROLL : 0;
}

function centre(card) {
  const { left, width } = card.getBoundingClientRect();
  return left + width / 2;
}
