/**
 * What comes of having a scene written anew.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

const OFFLINE = "offline"; // the built-in planner: no language model

/**
 * A plan with one scene of another plan in place of its own, and with the things that this scene
 * needs. All else stays the same.
 *
 * @param {Object} plan
 * @param {Object} written the plan with the new scene
 * @param {string} sceneId
 * @returns {Object}
 */
export function withScene(plan, written, sceneId) {
  const scene = written.scenes.find(({ id }) => id === sceneId);
  const scenes = plan.scenes.map((one) => (one.id === sceneId ? scene : one));
  const known = new Set(plan.entities.map(({ id }) => id));
  const needed = new Set([...scene.entities, scene.background]);
  const entities = written.entities.filter(({ id }) => needed.has(id) && !known.has(id));
  return { ...plan, scenes, entities: [...plan.entities, ...entities] };
}

/**
 * Names of the profiles that have a language model.
 *
 * @param {Object} info what the host tells of the node Re-plan Scene
 * @returns {string[]}
 */
export function profilesOf(info) {
  const [kind, { options } = {}] = info.input.required.profile;
  const names = Array.isArray(kind) ? kind : options;
  return names.filter((name) => name !== OFFLINE);
}

/**
 * Why the server takes no workflow, in its own words.
 *
 * @param {Error & {response?: Object}} error as the host's page throws it
 * @returns {string}
 */
export function refusal(error) {
  const { error: said, node_errors: nodes = {} } = error.response ?? {};
  const whole = typeof said === "string" ? said : (said?.message ?? error.message);
  const parts = Object.values(nodes).flatMap(({ errors }) => errors.map(words));
  return [whole, ...(parts.length > 0 ? parts : [said?.details])].filter(Boolean).join("\n");
}

function words({ message, details }) {
  return [message, details].filter(Boolean).join(": ");
}
