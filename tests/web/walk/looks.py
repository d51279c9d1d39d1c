"""What a person with weak eyes, with a keyboard only, or without Chinese would stumble over."""

STUMBLES = """() => {
  const found = [];
  const seen = e => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  for (const field of document.querySelectorAll('input:not([type=hidden]),select,textarea'))
    if (!field.labels.length) found.push('no label: ' + field.name);
  for (const button of document.querySelectorAll('button,a,summary'))
    if (!button.textContent.trim() && !button.querySelector('img[alt]'))
      found.push('no text: ' + button.outerHTML);
  for (const image of document.querySelectorAll('img'))
    if (!image.alt) found.push('no alt: ' + image.src);
  const levels = [...document.querySelectorAll('h1,h2,h3')].filter(seen).map(h => +h.tagName[1]);
  if (levels.filter(level => level === 1).length !== 1) found.push('not one h1');
  levels.forEach((level, i) => {
    if (i && level > levels[i - 1] + 1) found.push('heading level leapt: ' + levels);
  });
  if (document.documentElement.scrollWidth > innerWidth)
    found.push('wider than the screen: ' + document.documentElement.scrollWidth);
  const edge = document.documentElement.clientWidth + 1;
  for (const e of document.querySelectorAll('main *'))
    if (seen(e) && !e.closest('.scroll, .skip') && e.getBoundingClientRect().right > edge)
      found.push('cut off: ' + e.outerHTML.slice(0, 80));
  return found;
}"""

PALE = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = text => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    const apart = e.closest('.skip,option,datalist') || !e.checkVisibility();
    if (apart || !walker.currentNode.data.trim()) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgba(style.color).slice(0, 3)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5))
      found.set(e.tagName + '.' + e.className, ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
  }
  return [...found].map(([what, how]) => what + ' ' + how);
}"""
"""Texts whose colour stands out from their ground by less than WCAG 2 AA asks."""

OURS = """() => {
  const words = 'nav a, .me a, button:not(.door), label, legend, h1, h2, h3, th, dt, .hint, .fault,'
    + '.empty p, .pages a, .bar, .foot, .steps li, .state, .chip, .cannot, .act > summary,'
    + 'main > p.soft, .card > p.soft, .side b, option';
  return [...document.querySelectorAll(words)]
    .filter(e => !e.closest('datalist, .paper, [name=cause], [name=task]'))
    .filter(e => !e.matches('[hreflang]'))
    .map(e => e.textContent.trim());
}"""
"""The texts that are the product's own: navigation, actions, names of fields, hints, refusals."""
