// Says to the styles that scripts run: first of all, before anything is painted.

document.documentElement.classList.add("js");
