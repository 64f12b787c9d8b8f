/** Gives nodes of Edit Plan their editor. The only file here that does something when imported. */

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { createEditor } from "./editor/editor.js";
import { readEdits } from "./editor/plan/edit_text.js";
import { createWorkflow } from "./editor/scenes/page_workflow.js";
import { FOLDER, pictureName } from "./editor/stage/reference_pictures.js";
import { followRuns } from "./editor/runs.js";
import { createServer } from "./editor/server.js";
import { makeTexts } from "./editor/texts.js";
import { readJson } from "./plan_json.js";

const NODE = "VideoDirectorEditPlan";
const LEAST_HEIGHT = 430;
const FIRST_SIZE = [720, 640];
const RUNS_LOOKED_AT = 20;
const NO_ID = "00000000-0000-0000-0000-000000000000";
const STYLES = new URL("./editor/editor.css", import.meta.url).href;

// Plans that came in, by hash: a pasted node has the edits of the copied one, but no run.
const plansSeen = new Map();
const server = createServer(api.fetchApi.bind(api), api.apiURL.bind(api));
let t = makeTexts({}, "en");

app.registerExtension({
  name: "VideoDirector.EditPlan",
  async init() {
    const answer = await api.fetchApi("/i18n");
    const language = app.ui.settings.getSettingValue("Comfy.Locale") ?? "en";
    if (answer.ok) t = makeTexts(await answer.json(), language);
  },
  nodeCreated(node) {
    if (node.comfyClass === NODE) addEditor(node);
  },
});

function addEditor(node) {
  const named = (name) => node.widgets.find((widget) => widget.name === name);
  const [edits, onNewPlan] = [named("edits"), named("on_new_plan")];
  hide(edits);
  const editor = createEditor({
    t,
    server,
    write: (text) => write(node, edits, text),
    queue: () => app.queuePrompt(0, 1),
    isLinked: () =>
      node.inputs.some(({ widget, link }) => widget?.name === "edits" && link != null),
    hasPlan: () => node.inputs.some(({ name, link }) => name === "plan" && link != null),
    upload,
    address: (route) => api.apiURL(route),
    workflow: createWorkflow({ app, api, node, id: () => executionId(node, app.rootGraph, "") }),
  });
  const { session } = editor;
  const runs = followRuns(api, server, editor);
  const root = shelter(editor.element);
  const widget = node.addDOMWidget("storyboard", "video_director_storyboard", root, {
    serialize: false, // not in the prompt; the line below: not in the workflow
    hideOnZoom: false,
    getMinHeight: () => LEAST_HEIGHT,
  });
  widget.serialize = false;
  node.setSize(FIRST_SIZE.map((least, axis) => Math.max(least, node.size[axis])));

  const take = (text) => {
    const shown = readJson(text);
    if (shown.incoming) plansSeen.set(shown.incoming_hash, shown.incoming);
    session.take(shown);
    editor.draw();
    runs.look();
  };
  after(edits, "callback", () => {
    if (edits.value === session.text) return;
    session.write(edits.value);
    editor.draw();
  });
  after(onNewPlan, "callback", () => {
    session.onNewPlan(onNewPlan.value);
    editor.draw();
  });
  after(node, "onExecuted", (output) => {
    if (output?.edit_plan) take(output.edit_plan[0]);
  });
  after(node, "onConnectionsChange", () => editor.draw());
  after(node, "onConfigure", () => {
    session.onNewPlan(onNewPlan.value);
    session.load(edits.value);
    editor.draw();
    // The node gets its place in a graph after this.
    requestAnimationFrame(() => recall(node, session, take, editor.draw, runs));
  });
  after(node, "onRemoved", runs.stop);
}

/** The editor shows the text of edits itself. */
function hide(widget) {
  widget.hidden = true;
  widget.options.hidden = true; // the Nodes 2.0 renderer reads this one
}

/** Call a function after a method that may be there already. */
function after(owner, name, then) {
  const before = owner[name];
  owner[name] = function (...values) {
    const result = before?.apply(this, values);
    then(...values);
    return result;
  };
}

/** Write edits into the node so that the host knows of a change and saves it. */
function write(node, widget, text) {
  // The host's undo puts another node in its place, while a text of this one may just be left.
  if (node.graph?.getNodeById(node.id) !== node || widget.value === text) return;
  app.canvas.emitBeforeChange();
  widget.value = text;
  app.canvas.emitAfterChange();
}

/** Keep a picture in the host's input folder. */
async function upload(file) {
  const body = new FormData();
  for (const [name, value] of [
    ["image", file],
    ["subfolder", FOLDER],
    ["type", "input"],
  ]) {
    body.append(name, value);
  }
  const answer = await api.fetchApi("/upload/image", { method: "POST", body });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return pictureName(await answer.json());
}

/** Show again what the node said before the page was loaded anew, or the node was copied. */
async function recall(node, session, take, draw, runs) {
  if (session.shown !== null || !node.graph) return;
  const kept = app.nodeOutputs[locator(node)]?.edit_plan?.[0];
  if (kept) {
    take(kept);
    runs.recall(await pastOutputs());
    return;
  }
  const base = baseOf(session.text);
  if (plansSeen.has(base)) {
    session.take({ incoming_hash: base, incoming: plansSeen.get(base), waiting: false });
    draw();
    return;
  }
  const outputs = await pastOutputs();
  const id = executionId(node, app.rootGraph, "");
  const text = outputs.map((nodes) => nodes[id]?.edit_plan?.[0]).find((one) => one !== undefined);
  if (text !== undefined && session.shown === null) take(text);
  runs.recall(outputs);
}

function baseOf(text) {
  try {
    return readEdits(text).base;
  } catch {
    return null; // the editor says what is wrong with it
  }
}

/** What nodes showed in the last runs of this workflow that the host remembers, newest first. */
async function pastOutputs() {
  const answer = await api.fetchApi(`/history?max_items=${RUNS_LOOKED_AT}`);
  if (!answer.ok) return [];
  const runs = Object.values(await answer.json()).filter(({ prompt }) =>
    isOpen(prompt[3]?.extra_pnginfo?.workflow),
  );
  runs.sort((one, other) => other.prompt[0] - one.prompt[0]);
  return runs.map(({ outputs }) => outputs);
}

/** Whether a workflow is the one on the page; one that was never loaded has no id yet. */
function isOpen(workflow) {
  if (workflow?.id !== NO_ID) return workflow?.id === app.rootGraph.id;
  return workflow.nodes.every(({ id, type }) => app.rootGraph.getNodeById(id)?.type === type);
}

/** The name under which the page keeps what a node showed. */
function locator({ graph, id }) {
  return graph === app.rootGraph ? String(id) : `${graph.id}:${id}`;
}

/** The name of a node in a run: ids of the subgraphs it is in, then its own. */
function executionId(node, graph, path) {
  if (node.graph === graph) return `${path}${node.id}`;
  for (const { id, subgraph } of graph.nodes) {
    const found = subgraph && executionId(node, subgraph, `${path}${id}:`);
    if (found) return found;
  }
  return undefined;
}

/**
 * Put the editor into an element that keeps its styles to itself and the host's hands off its keys.
 */
function shelter(content) {
  const root = document.createElement("div");
  root.className = "video-director-editor";
  // The host leaves keys to elements of this type, as Ctrl+Z in a text.
  root.type = "textarea";
  root.dataset.captureWheel = "true"; // Nodes 2.0: the wheel scrolls the editor that is in use
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: STYLES });
  const shadow = root.attachShadow({ mode: "open" });
  shadow.append(link, content);
  root.addEventListener("keydown", (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && ["Enter", "s", "S"].includes(event.key);
    if (!isCommand) event.stopPropagation();
    else shadow.activeElement?.blur(); // keeps what is being written
  });
  for (const kind of ["copy", "cut", "paste"]) {
    root.addEventListener(kind, (event) => event.stopPropagation());
  }
  root.addEventListener("wheel", (event) => {
    const isInUse = document.activeElement === root && !event.ctrlKey;
    if (!isInUse && !window.LiteGraph.vueNodesMode) app.canvas.processMouseWheel(event);
  });
  leaveWhenElsewhere(root, shadow);
  return root;
}

/** The host's canvas takes no focus; a text that is being written is kept when one clicks there. */
function leaveWhenElsewhere(root, shadow) {
  const leave = (event) => {
    if (!event.composedPath().includes(root)) shadow.activeElement?.blur();
  };
  root.addEventListener("focusin", () => document.addEventListener("pointerdown", leave, true));
  root.addEventListener("focusout", () => document.removeEventListener("pointerdown", leave, true));
}
