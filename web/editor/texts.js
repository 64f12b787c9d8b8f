/**
 * The editor's texts in the language of the host.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

/**
 * Make the function that gives texts.
 *
 * @param {Object<string, Object>} locales what the host answers to /i18n: language to its texts
 * @param {string} language the host's, such as "en" or "zh-TW"
 * @returns {(key: string, values?: Object<string, string|number>) => string} {name} in a text
 *   stands for a value
 */
export function makeTexts(locales, language) {
  const [spoken] = language.split("-");
  const texts = { ...own(locales, "en"), ...own(locales, spoken), ...own(locales, language) };
  return (key, values = {}) =>
    (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) =>
      Object.hasOwn(values, name) ? String(values[name]) : whole,
    );
}

function own(locales, language) {
  return locales[language]?.videoDirectorEditor ?? {};
}
