// Cuts a chosen picture to a square and makes it as small as avatars are, so that a photograph needs no other program and never leaves the
// device as it is. Without this the page is complete as it is: the node takes the file, or says what is wrong with it.
const field = document.querySelector("input[type=file][data-side]");
const side = Number(field.dataset.side);

field.addEventListener("change", async () => {
  const file = field.files[0];
  if (!file) return;
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    // The browser does not know it; the node will say what it is.
    return;
  }
  if (picture.width === side && picture.height === side && file.type !== "image/webp") return;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const edge = Math.min(picture.width, picture.height);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, (picture.width - edge) / 2, (picture.height - edge) / 2, edge, edge, 0, 0, side, side);
  const small = await new Promise((done) => canvas.toBlob(done, "image/png"));
  // Another may have been chosen meanwhile.
  if (!small || field.files[0] !== file) return;
  const files = new DataTransfer();
  files.items.add(new File([small], "picture.png", { type: "image/png" }));
  field.files = files.files;
});
