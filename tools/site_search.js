// The search of the site. Its data are loaded by script tags, because a page that is opened from a disk may not fetch anything.
var separator = /[\s\-.,;:()[\]`'"/]+/;

function searcher(pages) {
  var byPlace = {};
  lunr.tokenizer.separator = separator;
  var index = lunr(function () {
    this.ref('location');
    this.field('title', {boost: 10});
    this.field('text');
    pages.docs.forEach(function (page) {
      byPlace[page.location] = page;
      this.add(page);
    }, this);
  });
  return function (text) {
    var words = text.toLowerCase().split(separator).filter(Boolean);
    if (!words.length) return [];
    var found = index.query(function (query) {
      words.forEach(function (word) {
        var stem = lunr.stemmer(new lunr.Token(word)).toString();
        query.term(stem, {boost: 10, presence: lunr.Query.presence.REQUIRED, wildcard: lunr.Query.wildcard.TRAILING});
      });
    });
    return found.slice(0, 50).map(function (one) { return byPlace[one.ref]; });
  };
}

function show(found) {
  var results = document.getElementById('mkdocs-search-results');
  results.textContent = found.length ? '' : 'Nothing was found.';
  found.forEach(function (page) {
    var article = document.createElement('article');
    var link = document.createElement('a');
    link.href = base_url.replace(/\/?$/, '/') + page.location;
    link.textContent = page.title;
    article.appendChild(document.createElement('h3')).appendChild(link);
    article.appendChild(document.createElement('p')).textContent = page.text.slice(0, 200);
    results.appendChild(article);
  });
}

function load(name, then) {
  var script = document.createElement('script');
  script.src = base_url.replace(/\/?$/, '/') + 'search/' + name;
  script.onload = then;
  document.head.appendChild(script);
}

if (typeof document !== 'undefined' && document.getElementById('mkdocs-search-results')) {
  load('lunr.js', function () {
    load('pages.js', function () {
      var search = searcher(ebl_pages);
      var input = document.getElementById('mkdocs-search-query');
      var asked = new URLSearchParams(window.location.search).get('q');
      if (asked) input.value = asked;
      function run() { show(search(input.value)); }
      input.addEventListener('input', run);
      if (asked) run();
    });
  });
}
