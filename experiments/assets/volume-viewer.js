/**
 * The viewer of the volumes in a report: planes of every volume in step, and the network to turn. It runs in a browser
 * as it stands here, reads the page's own data and asks nothing of the network.
 */
async function showVolumes(section) {
  const page = JSON.parse(section.querySelector('script').textContent);
  const planes = section.querySelectorAll('canvas.plane');
  const turning = section.querySelectorAll('canvas.network');
  const { depth, voxel } = page.grid;
  const palette = Uint8Array.from(atob(page.palette), (letter) => letter.charCodeAt(0));

  /** Bytes of a base64 text of deflated bytes. */
  async function inflate(text) {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** Draws one plane of a volume; LR planes lie behind several of the fine ones. */
  function drawPlane(view, plane) {
    const { width, height, depth: own, data, canvas } = view;
    const at = Math.min(own - 1, Math.floor((plane * own) / depth));
    const context = canvas.getContext('2d');
    const picture = context.createImageData(width, height);
    const from = at * width * height;
    for (let i = 0; i < width * height; i++) {
      const entry = 3 * data[from + i];
      picture.data[4 * i] = palette[entry];
      picture.data[4 * i + 1] = palette[entry + 1];
      picture.data[4 * i + 2] = palette[entry + 2];
      picture.data[4 * i + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }

  const views = await Promise.all(
    page.volumes.map(async (volume, i) => ({ ...volume, canvas: planes[i], data: await inflate(volume.data) })),
  );
  const slider = section.querySelector('.plane-number');
  const label = section.querySelector('.place');
  function showPlane() {
    const plane = Number(slider.value);
    for (const view of views) drawPlane(view, plane);
    const deep = page.unit === null ? '' : `, ${(plane * voxel.z).toFixed(2)} ${page.unit} deep`;
    label.textContent = `plane ${plane + 1} of ${depth}${deep}`;
  }
  slider.addEventListener('input', showPlane);
  for (const { canvas } of views) {
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        slider.value = String(Number(slider.value) + Math.sign(event.deltaY));
        showPlane();
      },
      { passive: false },
    );
  }
  showPlane();

  /** Turned by these angles; the figure's view to begin with. */
  const { eye, ...turn } = page.view;
  const networks = await Promise.all(
    page.networks.map(async ({ marks }, i) => ({
      strokes: new Int16Array((await inflate(marks)).buffer),
      canvas: turning[i],
    })),
  );
  const half = ['width', 'height', 'depth'].map((side, axis) => (page.grid[side] * Object.values(voxel)[axis]) / 2);
  const radius = Math.hypot(...half);

  function project(x, y, z) {
    const a = ((x + 0.5) * voxel.x - half[0]) / radius;
    const b = ((y + 0.5) * voxel.y - half[1]) / radius;
    const c = ((z + 0.5) * voxel.z - half[2]) / radius;
    const across = Math.cos(turn.around) * a - Math.sin(turn.around) * b;
    const back = Math.sin(turn.around) * a + Math.cos(turn.around) * b;
    const down = Math.cos(turn.lean) * back + Math.sin(turn.lean) * c;
    const away = Math.sin(turn.lean) * back - Math.cos(turn.lean) * c;
    const nearness = eye / (eye + away);
    return { u: 0.5 + 0.48 * across * nearness, v: 0.5 + 0.48 * down * nearness, away };
  }

  /** Strokes are (kind, x, y, z, x, y, z), seven numbers each; far ones are drawn first, and paler. */
  function drawNetwork({ strokes, canvas }) {
    const context = canvas.getContext('2d');
    const side = canvas.width;
    context.clearRect(0, 0, side, side);
    const order = [];
    for (let s = 0; s < strokes.length; s += 7) {
      const from = project(strokes[s + 1], strokes[s + 2], strokes[s + 3]);
      const to = project(strokes[s + 4], strokes[s + 5], strokes[s + 6]);
      order.push({ from, to, kind: strokes[s], away: from.away + to.away });
    }
    order.sort((p, q) => q.away - p.away);
    for (const { from, to, kind, away } of order) {
      context.strokeStyle = page.colours[kind];
      context.globalAlpha = Math.min(1, Math.max(0.25, 0.65 - 0.35 * away));
      context.lineWidth = 1.6;
      context.beginPath();
      context.moveTo(from.u * side, from.v * side);
      // A voxel by itself is a dot.
      context.lineTo(to.u * side + (from.u === to.u ? 1 : 0), to.v * side);
      context.stroke();
    }
    context.globalAlpha = 1;
  }
  const showNetworks = () => networks.forEach(drawNetwork);
  function turnBy(around, lean) {
    turn.around += around;
    turn.lean = Math.min(Math.PI, Math.max(0, turn.lean + lean));
    showNetworks();
  }
  const steps = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
  for (const { canvas } of networks) {
    canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener('pointermove', (event) => {
      if (event.buttons & 1) turnBy(event.movementX / 100, event.movementY / 100);
    });
    canvas.addEventListener('keydown', (event) => {
      if (!(event.key in steps)) return;
      event.preventDefault();
      turnBy(...steps[event.key]);
    });
  }
  showNetworks();
}

Promise.all([...document.querySelectorAll('section.volumes')].map(showVolumes)).then(() => {
  document.body.dataset.ready = 'true';
});
