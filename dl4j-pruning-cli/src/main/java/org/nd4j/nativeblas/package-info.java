/** A bridge to a class of ND4J that has moved, at the place where DL4J looks for it. */
package org.nd4j.nativeblas;
