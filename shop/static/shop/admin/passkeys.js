// Show on the page that a passkey could not be made or used.
document.addEventListener("allauth.error", (event) => {
  const words = document.getElementById("passkey-problem");
  if (!words) return;
  event.preventDefault();
  words.hidden = false;
  words.focus();
});
