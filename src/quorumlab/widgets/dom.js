// What every widget is made of: HTML and SVG elements with their attributes and children. Python puts this file before each widget's own.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const svg = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);
const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
