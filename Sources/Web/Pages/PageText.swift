internal import Catalogue

/// Every text of the pages, in the three languages: none can be left out.
enum PageText: String, CaseIterable {
    // Frame
    case skip, search, searchField, searchHint, language, recent, results, order, notForDiagnosis, keys, home
    // Search
    case from, to, modality, institution, find, clear, noResults, previousPage, nextPage, matchingItems, persons
    case filters, any, searchTooLong, searchTooLongHint
    // Columns and facts
    case date, patient, description, item, completeness, quality, study, studies, images, sex, born, age
    case accession, issuer, patientID, state, years, noName, male, female, otherSex
    // Verdicts and states
    case complete, incomplete, unknown, pass, review, fail, notAssessed, receiving, unmapped
    case recognised, notRecognised, doctorDecides, same, contains, part, related, possiblePerson
    case exact, nearest, info
    // Study
    case match, noFindings, missing, candidates, alternatives, identityDiffers, thumbnails,
        openImages
    case decidedBy
    // Priors
    case priors, noPriors, noPriorsUnmapped, noPriorsNobody, relation, verdict, days, today, undated, compare, rules
    case holds, holdsNot, undecided, questions, openStudy, proposalNote, notFetched, fetch, sourceFailed
    case fetching, fromSource, bestFirst, ofAll, futureStudies, pendingStudies, differences, differ, here
    // How a source fared
    case deadline, refused, unreachable, unreadable, tooMany, paused
    // Decisions
    case decide, recognise, decline, reason, chooseReason, note, noteNeeded, actor, department, informed
    case recognisedBy, declinedBy, decisionFailed, decisionNote
    // Person
    case person, timeline, noDate, possibleStudies, reviewHint
    // Order
    case orderHeading, orderHint, orderItem, orderItemHint, showPriors, orderNoItem, orderUnknownItem
    // Viewer
    case viewer, current, prior, link, reset, windowPreset, presetDefault, presetLung, presetSoft, presetBone,
        presetBrain
    case presetFull, loading, imageFailed, noImage, imageOf, frameOf, windowOf, viewerKeys, viewerNeedsScript,
        chooseSeries
    case back
    // Faults
    case notFoundHeading, badRequestHeading, failedHeading, traceHint, backToSearch

    subscript(language: Language) -> String { words[language] }
}
