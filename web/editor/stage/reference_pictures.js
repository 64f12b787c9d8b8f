/**
 * Pictures of things as files of the host's input folder (nodes/entity_pictures.py reads them).
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

/** The folder in the host's input folder that pictures are put into. */
export const FOLDER = "video_director";
export const KINDS = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"];
const MOST_BYTES = 20 * 2 ** 20;
const ANNOTATED = /^(.*?) ?\[(input|output|temp)\]$/s;

/**
 * Why a file is not taken.
 *
 * @param {{type: string, size: number}} file
 * @returns {string|null} the key of a text; null where it is taken
 */
export function refusal({ type, size }) {
  if (!KINDS.includes(type)) return "notPicture";
  return size > MOST_BYTES ? "pictureTooLarge" : null;
}

/** What a plan calls a file that the host answers to have kept. */
export function pictureName({ name, subfolder }) {
  return subfolder ? `${subfolder}/${name}` : name;
}

/** The address below the host at which a plan's picture is seen. */
export function pictureView(picture) {
  const [, path = picture, type = "input"] = ANNOTATED.exec(picture) ?? [];
  const at = path.lastIndexOf("/");
  const [subfolder, filename] = [path.slice(0, Math.max(at, 0)), path.slice(at + 1)];
  return `/view?${new URLSearchParams({ filename, subfolder, type })}`;
}
