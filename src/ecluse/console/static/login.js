// The token stands after `#`, which no browser sends: put it in the form, take it out of the address, and enter.
const field = document.getElementById("token");
if (location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
  field.form.requestSubmit();
} else {
  field.focus();
}
