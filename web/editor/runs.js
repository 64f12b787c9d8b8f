/**
 * Listens for renderings of the plan that an editor shows, and fetches what there is of them.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

// What the server sends when a scene is ready, and the output of Render Plan (nodes/run_pictures.py)
export const EVENT = "video_director_run";
const MOST_HEARD = 20;

/**
 * @param {Object} api the host's
 * @param {ReturnType<import("./server.js").createServer>} server
 * @param {ReturnType<import("./editor.js").createEditor>} editor
 */
export function followRuns(api, server, { session, pictures, draw }) {
  const heard = new Map(); // ids of runs by the hash of their plan, newest last
  let order = 0;

  const onExecuted = ({ detail }) => (detail.output?.[EVENT] ?? []).forEach(hearText);
  const onScene = ({ detail }) => hear(detail);
  api.addEventListener("executed", onExecuted);
  api.addEventListener(EVENT, onScene);

  function hearText(text) {
    hear(JSON.parse(text));
  }

  function hear({ run, plan }) {
    heard.delete(plan);
    heard.set(plan, run);
    if (heard.size > MOST_HEARD) heard.delete(heard.keys().next().value);
    look();
  }

  /** Fetch what was rendered of the plan that the node gave on. */
  async function look() {
    const { edited, edited_hash: hash } = session.shown ?? {};
    const run = heard.get(hash);
    if (run === undefined || !edited) return;
    const mine = ++order;
    try {
      pictures.take(await server.run(run), edited, mine);
    } catch {
      return; // the server was started anew, or has forgotten it
    }
    draw();
  }

  return {
    look,
    /**
     * Look for pictures in what the host remembers.
     *
     * @param {Object[]} outputs of runs of the workflow, newest first
     */
    recall(outputs) {
      const hash = session.shown?.edited_hash;
      if (hash === undefined || heard.has(hash)) return;
      const texts = outputs.flatMap((nodes) => Object.values(nodes).flatMap((n) => n[EVENT] ?? []));
      const found = texts.map((text) => JSON.parse(text)).find(({ plan }) => plan === hash);
      if (found) hear(found);
    },
    stop() {
      api.removeEventListener("executed", onExecuted);
      api.removeEventListener(EVENT, onScene);
    },
  };
}
