// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.22;

/// @dev What the three title contracts ask of each other.

interface ITokenRegistry {
    function paused() external view returns (bool);
    function ownerOf(uint256 tokenId) external view returns (address);
    function transferFrom(address from, address to, uint256 tokenId, bytes memory remark) external;
}

interface ITitleEscrow {
    function shred(bytes calldata remark) external;
    function onERC721Received(address operator, address from, uint256 tokenId, bytes calldata data)
        external
        returns (bytes4);
}

interface ITitleEscrowFactory {
    function create(uint256 tokenId) external returns (address);
    function getEscrowAddress(address tokenRegistry, uint256 tokenId) external view returns (address);
}
