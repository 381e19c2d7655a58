/* Copying and saving what the page shows. */
const readJson = (id) => JSON.parse(document.getElementById(id).textContent);

function saveBlob(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // a browser that keeps the clipboard from pages of local files
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "offstage";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

document.querySelectorAll("[data-copy]").forEach((button) => {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const done = await copyText(readJson("csv")[button.dataset.copy]);
    button.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = label; }, 1600);
  });
});

document.querySelectorAll("[data-csv]").forEach((button) => {
  button.addEventListener("click", () => {
    saveBlob(new Blob([readJson("csv")[button.dataset.csv]], { type: "text/csv" }), `${button.dataset.csv}.csv`);
  });
});

document.querySelectorAll("[data-save]").forEach((button) => {
  button.addEventListener("click", () => {
    const text = `${JSON.stringify(readJson("analysis"), null, 1)}\n`;
    saveBlob(new Blob([text], { type: "application/json" }), button.dataset.save);
  });
});

/* The 3D views; a page with another kind of view brings its class along. */
document.querySelectorAll(".viewer").forEach((box) => {
  const scenes = readJson(box.dataset.scenes);
  box.viewer = box.dataset.kind === "overlay" ? new Overlay(box, scenes) : new Viewer(box, scenes);
});

/* On paper nothing can be unfolded: open everything short of the long lists. */
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open]):not(.long)")];
  folded.forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));

/* A row that speaks of atoms marks them in the view of its cluster; the same row again ends it. */
function markRow(row) {
  const table = row.closest("[data-viewer]");
  const box = document.querySelector(`.viewer[data-name="${table.dataset.viewer}"]`);
  const again = row.getAttribute("aria-selected") === "true";
  document.querySelectorAll("tr[aria-selected=true]").forEach((one) => one.setAttribute("aria-selected", "false"));
  box.querySelectorAll("[data-back]").forEach((one) => one.remove());
  box.viewer.mark(again ? [] : readNumbers(row.dataset.atoms));
  if (again) return;
  row.setAttribute("aria-selected", "true");
  const seen = box.querySelector("canvas").getBoundingClientRect();
  if (seen.top >= 0 && seen.bottom <= innerHeight) return;
  const back = document.createElement("button");
  back.type = "button";
  back.dataset.back = "";
  back.textContent = "Back to the row";
  back.addEventListener("click", () => {
    back.remove();
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  });
  box.querySelector(".controls").prepend(back);
  box.querySelector(".stage").scrollIntoView({ block: "center" });
}

document.querySelectorAll("tr[data-atoms]").forEach((row) => {
  row.addEventListener("click", () => { if (!getSelection().toString()) markRow(row); });
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    markRow(row);
  });
});
