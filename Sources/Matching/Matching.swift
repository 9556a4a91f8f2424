// Matching says which catalogue item a study is, from what the study says about itself, or that it cannot be said.
// Text becomes words of the lexicon (FoldedText, TermTrie, LexiconIndex), words and Attributes become axes
// (StudyReading), and each item is judged axis by axis: supported, unknown or contradicted (ItemProfile). An answer is
// given only when one item is supported on every axis it needs; a wrong code is worse than none. Nothing here knows a
// particular item: items and words are data of Catalogue. Start reading at Matcher.
