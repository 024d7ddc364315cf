// The pages of a PDF in the source panel, with the words laid over them. Boxes come as shares of the page.
"use strict";

window.quothPictures = function pictures(found, visit, make) {
  return found.pages.map((page) => {
    const image = make("img", {
      src: `quoth/page/${found.sha}/${page.number}.png?visit=${visit}&path=${encodeURIComponent(found.path)}`,
      width: page.width,
      height: page.height,
      alt: `Page ${page.number} of ${found.title}; its text follows below`,
    });
    const sheet = make("div", { class: "sheet" }, image);
    for (const box of page.boxes) {
      const node = make("div", { class: `box on-${box.mark}`, "aria-hidden": "true" });
      for (const side of ["left", "top", "width", "height"]) node.style[side] = `${box[side] * 100}%`;
      sheet.append(node);
    }
    return make("figure", { class: "page" }, sheet, make("figcaption", {}, `Page ${page.number}, as it is in the file`));
  });
};
