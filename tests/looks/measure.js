// What a page looks like, in figures: its texts with their contrast and place, and its drawn bar.
() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const isClear = (colour) => colour === "transparent" || channels(colour)[3] === 0;

  // https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour)
      .slice(0, 3)
      .map((channel) => channel / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!isClear(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.replace(/[\u034f\u200c\ufe0e]/g, "").trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.tagName === "STYLE" || element.tagName === "SCRIPT") continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    const style = getComputedStyle(element);
    texts.push({
      text,
      // What pages say to screen readers only stands in an element of this class.
      is_visible: element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".sr") && box.width > 0 && box.height > 0,
      contrast: contrast(style.color, ground(element)),
      pixels: parseFloat(style.fontSize),
      left: box.left,
      right: box.right,
    });
  }

  const bar = document.querySelector("[role=img]");
  const filled = bar && bar.querySelector("[class^=on-]");
  const card = document.querySelector(".card");
  return {
    width: innerWidth,
    scroll_width: document.documentElement.scrollWidth,
    left: card ? card.getBoundingClientRect().left : 0,
    right: card ? card.getBoundingClientRect().right : innerWidth,
    texts,
    bar_label: bar && bar.getAttribute("aria-label"),
    bar_share: bar && (filled ? filled.getBoundingClientRect().width / bar.getBoundingClientRect().width : 0),
    bar_contrast: filled && contrast(ground(filled), ground(bar)),
    tags: [...new Set([...document.querySelectorAll("*")].map((element) => element.localName))].sort(),
  };
}
