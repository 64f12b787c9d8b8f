/**
 * What the editor asks of the host's server (nodes/storyboard_routes.py).
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {Object} Finding
 * @property {string} path such as scenes[2].layout[0].boxes.corgi
 * @property {string} message
 * @property {string} advice
 * @property {string} rule
 * @property {"warning"|"note"} severity
 */

import { writeJson } from "../plan_json.js";

const ROUTES = "/video_director";

/** The server did not do what it was asked; the message is the server's own. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {string[]} problems of a plan, where it has some
   */
  constructor(message, problems = []) {
    super(message);
    this.problems = problems;
  }
}

/**
 * @param {(route: string, options?: Object) => Promise<Response>} fetchApi the host's api.fetchApi
 * @param {(route: string) => string} [apiURL] the host's api.apiURL, for addresses of pictures
 */
export function createServer(fetchApi, apiURL = (route) => `/api${route}`) {
  let labels = null;

  async function ask(route, plan) {
    const options = plan && {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: writeJson(plan), // seeds are whole
    };
    const answer = await fetchApi(ROUTES + route, options);
    if (answer.ok) return answer;
    const { error, problems } = await answer.json().catch(() => ({}));
    throw new Refused(error ?? `${answer.status} ${answer.statusText}`, problems);
  }

  const json = async (route, plan) => (await ask(route, plan)).json();

  async function askLabels() {
    try {
      return await json("/labels");
    } catch (error) {
      labels = null; // the next one asks again
      throw error;
    }
  }

  return {
    /** The names of all actions. @returns {Promise<string[]>} */
    labels: () => (labels ??= askLabels()),
    /** The director's notes on a plan. @returns {Promise<Finding[]>} */
    lint: (plan) => json("/lint", plan),
    /** A plan as a picture. @param {"png"|"pdf"} format @returns {Promise<Blob>} */
    storyboard: async (plan, format) => (await ask(`/storyboard?format=${format}`, plan)).blob(),
    /** The scenes of a rendering, and their takes. @returns {Promise<Object>} */
    run: (id) => json(`/runs/${encodeURIComponent(id)}`),
    /** Where the picture of a frame is. */
    frameUrl: (run, scene, take, frame) =>
      apiURL(`${ROUTES}/runs/${[run, scene, take, frame].map(encodeURIComponent).join("/")}`),
  };
}
