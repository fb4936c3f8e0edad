// Reads a chart's figures out under the pointer, or by the arrow keys.
for (const plot of document.querySelectorAll('.plot')) {
  const places = plot.dataset.x.split('|').map(Number);
  const words = plot.dataset.words.split('|');
  const lines = [...plot.parentElement.querySelectorAll('.legend li')].map((item) => ({
    name: item.textContent,
    kind: item.className,
    values: item.dataset.values.split('|'),
  }));
  const cursor = document.createElement('div');
  const readout = document.createElement('div');
  cursor.className = 'cursor';
  readout.className = 'readout';
  readout.setAttribute('role', 'status');
  let at = -1;

  function hide() {
    cursor.remove();
    readout.remove();
    at = -1;
  }

  function show(index) {
    at = Math.max(0, Math.min(places.length - 1, index));
    const place = places[at];
    cursor.style.left = `${place * 100}%`;
    const title = document.createElement('b');
    title.textContent = words[at];
    readout.replaceChildren(title, ...lines.map((line) => {
      const row = document.createElement('div');
      const value = document.createElement('em');
      row.className = line.kind;
      value.textContent = line.values[at];
      row.append(line.name, value);
      return row;
    }));
    readout.style.left = place > 0.5 ? 'auto' : `calc(${place * 100}% + 12px)`;
    readout.style.right = place > 0.5 ? `calc(${(1 - place) * 100}% + 12px)` : 'auto';
    plot.append(cursor, readout);
  }

  function nearest(x) {
    return places.reduce((best, place, index) => (Math.abs(places[best] - x) > Math.abs(place - x) ? index : best), 0);
  }

  plot.tabIndex = 0;
  plot.setAttribute('role', 'group');
  plot.setAttribute('aria-label', 'Chart; the arrow keys read it out');
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    show(nearest((event.clientX - box.left) / box.width));
  });
  plot.addEventListener('pointerleave', hide);
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -places.length, End: places.length }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      show(at + step);
    } else if (event.key === 'Escape') {
      hide();
    }
  });
}
