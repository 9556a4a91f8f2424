// OHIF Viewer 3 with priord as its DICOMweb server: an app-config. docs/operator.md, "Viewers in a browser", says how to use it.

// Where the browser reaches priord: its http-port, or the http-base-url of priord.yaml where a proxy stands before it.
// Pages of OHIF come from elsewhere, so their origin belongs into cors-origins, unless the proxy serves both.
const priord = 'http://127.0.0.1:8104';

/** @type {AppTypes.Config} */
window.config = {
  routerBasename: '/',
  extensions: [],
  modes: [],
  showStudyList: true,
  maxNumRequests: { interaction: 100, thumbnail: 75, prefetch: 25 },
  defaultDataSourceName: 'priord',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'priord',
      configuration: {
        friendlyName: 'priord',
        name: 'priord',
        qidoRoot: `${priord}/dicomweb`,
        wadoRoot: `${priord}/dicomweb`,
        // What a search may ask: further Attributes, the words of a name in any order, * and ?.
        qidoSupportsIncludeField: true,
        supportsFuzzyMatching: true,
        supportsWildcard: true,
        // Nothing is rejected or deleted through priord. Storing works (STOW-RS) and is left to modalities here.
        supportsReject: false,
        dicomUploadEnabled: false,
        // Frames as they are stored, drawn by the viewer; series by series, as they are opened.
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        requestTransferSyntaxUID: '*',
        omitQuotationForMultipartRequest: true,
        staticWado: false,
        // Bulk data by the absolute BulkDataURI of the metadata, in one part.
        singlepart: 'bulkdata',
        bulkDataURI: { enabled: true },
      },
    },
  ],
};
