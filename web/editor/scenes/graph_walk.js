/**
 * Which nodes on the page get their plan from a node, also through subgraphs.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

import { RENDERER } from "./partial_prompt.js";

const SUBGRAPH_OUTPUTS = -20; // the host's id of a subgraph's way out

/**
 * Nodes Render Plan after a node.
 *
 * @param {Object} node of the host's canvas
 * @returns {Object[]}
 */
export function renderersAfter(node) {
  const [found, seen] = [new Set(), new Set()];

  function follow(graph, links) {
    for (const link of (links ?? []).map((id) => graph.getLink(id))) {
      if (!link || seen.has(link)) continue;
      seen.add(link);
      reach(graph, link.target_id, link.target_slot);
    }
  }

  function reach(graph, id, slot) {
    if (id === SUBGRAPH_OUTPUTS) {
      for (const holder of holders(graph)) follow(holder.graph, holder.outputs[slot]?.links);
      return;
    }
    const next = graph.getNodeById(id);
    if (next?.subgraph) follow(next.subgraph, next.subgraph.inputs[slot]?.linkIds);
    else if (next?.type !== RENDERER) givesOn(next);
    else if (next.inputs[slot]?.name === "plan") found.add(next);
  }

  function givesOn(next) {
    for (const output of next?.outputs ?? []) follow(next.graph, output.links);
  }

  if (node.graph) givesOn(node);
  return [...found];
}

/** The nodes that stand for a subgraph. */
function holders(subgraph) {
  const { rootGraph } = subgraph;
  return [rootGraph, ...rootGraph.subgraphs.values()].flatMap(({ nodes }) =>
    nodes.filter((node) => node.subgraph === subgraph),
  );
}
