/**
 * A workflow of its own at the host, and what one of its nodes shows in the end.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { refusal } from "./replanning.js";

const ENDS = ["executed", "execution_error", "execution_interrupted", "execution_success"];

/**
 * Queue a workflow.
 *
 * @param {Object} api the host's
 * @param {Object} prompt `output` in API form and `workflow`, as the host's graphToPrompt gives them
 * @param {{shows: string, speaks: string}} nodes which node shows what is wanted, and which one
 *   says meanwhile how far it is
 * @param {(text: string) => void} told gets what that one says
 * @returns {{result: Promise<Object|null>, cancel: () => void}} what the node shows; null when it
 *   was cancelled; rejected with an Error that says why it failed
 */
export function startJob(api, prompt, nodes, told) {
  let id = null;
  let isCancelled = false;
  const early = []; // what is heard before the host has told the job's id
  let [resolve, reject] = [null, null];
  const promise = new Promise((...settle) => ([resolve, reject] = settle));

  function hear(event) {
    const { type, detail } = event;
    if (id === null) early.push(event);
    else if (type === "progress_text") detail.nodeId === nodes.speaks && told(detail.text);
    else if (type === "reconnected") look();
    else if (detail.prompt_id !== id) return;
    else if (type === "executed" && detail.node === nodes.shows) resolve(detail.output);
    else if (type === "execution_error") reject(new Error(detail.exception_message));
    else if (type === "execution_interrupted") resolve(null);
    else if (type === "execution_success") look();
  }

  /** What was said while nobody heard it. */
  async function look() {
    const answer = await api.fetchApi(`/history/${id}`);
    const past = answer.ok ? (await answer.json())[id] : undefined;
    if (past?.outputs[nodes.shows]) resolve(past.outputs[nodes.shows]);
    else if (past) reject(new Error(past.status.status_str));
  }

  async function leave() {
    await api.deleteItem("queue", id);
    await api.interrupt(id);
  }

  const kinds = [...ENDS, "progress_text", "reconnected"];
  for (const kind of kinds) api.addEventListener(kind, hear);
  const result = promise.finally(() => {
    for (const kind of kinds) api.removeEventListener(kind, hear);
  });
  api.queuePrompt(0, prompt).then(
    (answer) => {
      id = answer.prompt_id;
      early.forEach(hear);
      if (isCancelled) leave();
    },
    (error) => reject(new Error(refusal(error))),
  );
  return {
    result,
    cancel() {
      isCancelled = true;
      resolve(null);
      if (id !== null) leave();
    },
  };
}
